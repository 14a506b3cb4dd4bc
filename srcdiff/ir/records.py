"""Records: named tuples, dataclasses and plain objects, whose values are read by name.

While deriving, a record is a tuple whose items have names: `p.w` is an item whose index is a
`Field`. Its gradient is held as a list, in the order of the fields, and gets the record's class
where it is returned.
"""

from __future__ import annotations

from dataclasses import dataclass


class Field(str):
    """The name of a field, as the index of an item."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a record's class.

    Parameters
    ----------
    name
        Of the class.
    fields
        Their names, in order.
    is_tuple
        Whether it is a named tuple, whose fields have numbers too.
    """

    name: str
    fields: tuple[str, ...]
    is_tuple: bool


@dataclass(frozen=True, slots=True)
class RecordClass:
    """A named tuple's or dataclass's class, as its definition says.

    Parameters
    ----------
    record
        Its name and fields.
    annotations
        Of the fields, as texts; empty where there is none.
    is_plain
        Whether a call of it sets the fields, in order, and does no more.
    defaults
        The values of fields that may be left out, where these are constants.
    """

    record: Record
    annotations: tuple[str, ...]
    is_plain: bool = True
    defaults: tuple[tuple[str, object], ...] = ()
