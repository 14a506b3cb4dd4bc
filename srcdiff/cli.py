"""The command line: `srcdiff FILE`, `srcdiff explain CODE`."""

from __future__ import annotations

import codecs
import difflib
import os
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srcdiff import __version__
from srcdiff.diagnostics import DerivationError, Diagnostic

if TYPE_CHECKING:
    from srcdiff.file import SourceFile
    from srcdiff.wishes import Wish

HELP = """Write the backward pass of the functions in FILE.

\b
  srcdiff model.py                    print a module with the backward code
  srcdiff model.py -o model_grad.py   write it to a file
  srcdiff model.py --in-place         put each backward function below its forward function
  srcdiff model.py --in-place --check exit with 1 if what is there is out of date
  srcdiff model.py --function loss --wrt W,b
  srcdiff model.py --mode forward     print forward mode: f_jvp(x, dx) gives (out, dout)
  srcdiff explain SD101               what a message means, and what to do

FILE is read, never imported or run; `-` is standard input. Functions marked @derive_backward are
derived, or all if none is marked. A function f(x) gets f_backward(x, d<output>=1.0), where the
output is what f returns: `return loss` gives dloss. In forward mode it gets f_jvp(x, dx), which
returns the output and its tangent.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    files: tuple[str, ...]
    output: str | None
    in_place: bool
    check: bool
    function: str | None
    wrt: str | None
    mode: str | None
    outputs: str | None


class Failure(Exception):
    """Something could not be derived; its messages are told on standard error."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__()
        self.diagnostics = diagnostics


@click.command(
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-o", "--output", metavar="OUT", help="Write the module to OUT.")
@click.option("--in-place", is_flag=True, help="Write the backward functions into FILE.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if out of date.")
@click.option("--function", metavar="NAME", help="Derive this function only.")
@click.option("--wrt", metavar="X,Y", help="Differentiate with respect to these parameters.")
@click.option("--outputs", metavar="A,B", help="The outputs that have upstream gradients.")
@click.option(
    "--mode",
    type=click.Choice(["joint", "split", "forward"]),
    help="One function, or two; or forward mode: f_jvp(x, dx) gives the value and its tangent.",
)
@click.version_option(__version__, prog_name="srcdiff")
def derive_command(
    files: tuple[str, ...],
    output: str | None,
    in_place: bool,
    check: bool,
    function: str | None,
    wrt: str | None,
    mode: str | None,
    outputs: str | None,
) -> None:
    """Run the command; see HELP."""
    options = Options(files, output, in_place, check, function, wrt, mode, outputs)
    if in_place and output is not None:
        raise click.UsageError("--in-place and -o exclude each other.")
    if (in_place or (check and output is None)) and "-" in files:
        raise click.UsageError("standard input can't be changed in place.")
    for option, value in (("--wrt", wrt), ("--outputs", outputs)):
        if value is not None and not all(p.strip().isidentifier() for p in value.split(",")):
            raise click.UsageError(f"{option} takes names separated by commas, not {value!r}.")
    if output is not None and any(os.path.realpath(f) == os.path.realpath(output) for f in files):
        raise click.UsageError("-o would overwrite FILE; use --in-place to write into it.")
    if output is not None and len(files) > 1:
        raise click.UsageError("-o takes one FILE; call srcdiff once for each.")
    if (function or wrt or outputs) and len(files) > 1:
        raise click.UsageError("--function, --wrt and --outputs take one FILE.")
    sys.exit(_run(options))


@click.command(help="Explain a diagnostic: what it means, why, an example and its mend.")
@click.argument("code", metavar="CODE")
def explain_command(code: str) -> None:
    """Print the catalogue's entry of a diagnostic."""
    from srcdiff.diagnostics.codes import CATALOGUE, explanation

    code = code.upper()
    if code not in CATALOGUE:
        raise click.UsageError(f"there is no code {code}. The codes are {', '.join(CATALOGUE)}.")
    click.echo(explanation(code))


def main(arguments: list[str] | None = None) -> None:
    """Run the program.

    Exit codes: 0 done, 1 something could not be derived or is out of date, 2 wrong usage.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["explain"]:
        explain_command.main(arguments[1:], prog_name="srcdiff explain")
    derive_command.main(arguments, prog_name="srcdiff")


def _run(options: Options) -> int:
    status = 0
    for name in options.files:
        try:
            status = max(status, _one(name, options))
        except Failure as failure:
            _tell(failure.diagnostics)
            status = 1
        except DerivationError as error:
            _tell(error.diagnostics)
            status = 1
    return status


def _tell(diagnostics: list[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        click.echo(str(diagnostic), err=True)


def _one(name: str, options: Options) -> int:
    """Derive one file; give the exit code."""
    from srcdiff.file import SourceFile
    from srcdiff.wishes import Wish, mode_of

    text = _read(name)
    shown = "<stdin>" if name == "-" else name
    file = SourceFile(text, shown)
    wrt: Any = None
    if options.wrt is not None:
        names = tuple(part.strip() for part in options.wrt.split(","))
        wrt = names[0] if len(names) == 1 else names
    outputs = tuple(part.strip() for part in (options.outputs or "").split(",") if part)
    wish = Wish(wrt, mode_of(options.mode or "joint"), outputs)
    chosen = file.chosen(options.function, wish)
    in_place = options.in_place or (options.check and options.output is None)
    if in_place:
        written = file.written()
        if options.check and options.function is None and written:
            chosen = written
        elif options.function or options.wrt or options.mode or outputs:
            chosen = {**written, **chosen}
        else:
            chosen = {**chosen, **written}
    result = file.derive(chosen)
    if in_place:
        if result.problems:
            raise Failure([*result.problems, _unwritten(shown)])
        after = file.in_place(result, chosen)
        for _ in range(3 if result.classes else 0):
            # Edits of forward change the lines that comments quote.
            file = SourceFile(after, shown)
            result = file.derive(chosen)
            before, after = after, file.in_place(result, chosen)
            if before == after:
                break
        return _put(name, text, after, options, shown, _mending(file, chosen))
    try:
        after = file.module(result)
    except DerivationError:
        result = file.writable(result)
        after = file.module(result)
    if options.output is not None:
        if result.problems:
            raise Failure([*result.problems, _unwritten(options.output)])
        target = Path(options.output)
        before = _read(options.output) if target.exists() else ""
        return _put(options.output, before, after, options, shown, _choices(options))
    if result.derivations or result.classes:
        click.echo(after, nl=False)
    elif not result.problems:
        click.echo(f"{shown}: there are no functions to derive.", err=True)
    _tell(result.problems)
    return 1 if result.problems else 0


def _unwritten(name: str) -> Diagnostic:
    message = "nothing was written, because not all functions could be derived."
    hint = "Mark those that should be with @derive_backward, or name one with --function."
    return Diagnostic("SD121", message, hint, name)


def _mending(file: SourceFile, chosen: dict[str, Wish]) -> str:
    """Give the options that refresh just what stands in a file."""
    from srcdiff.wishes import Wish

    if set(file.chosen(None, Wish())) <= set(chosen):
        return ""
    return f" --function {next(iter(chosen))}"


def _put(name: str, before: str, after: str, options: Options, shown: str, choices: str) -> int:
    if before == after:
        return 0
    if not options.check:
        _write(name, after)
        return 0
    difference = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        name,
        f"{name} (derived anew)",
    )
    click.echo("".join(difference), nl=False)
    target = "--in-place" if name == shown else f"-o {shlex.quote(name)}"
    how = f"srcdiff {shlex.quote(shown)} {target}"
    click.echo(f"{name} is out of date. Mend it with: {how}{choices}", err=True)
    return 1


def _choices(options: Options) -> str:
    texts = [
        f" --{name} {value}"
        for name, value in (
            ("function", options.function),
            ("wrt", options.wrt),
            ("mode", options.mode),
            ("outputs", options.outputs),
        )
        if value is not None
    ]
    return "".join(texts)


def _read(name: str) -> str:
    """Read a file's text with its own line ends.

    Raises
    ------
    Failure
        There is no such file, or it isn't text.
    """
    import io
    import tokenize

    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except OSError as error:
        message = f"can't be read: {error.strerror or error}."
        raise Failure([Diagnostic("SD122", message, "", name)]) from None
    except (UnicodeDecodeError, SyntaxError, LookupError) as error:
        message = f"isn't text in its encoding: {error}."
        raise Failure([Diagnostic("SD122", message, "Save it as UTF-8.", name)]) from None


def _write(name: str, text: str) -> None:
    """Write a file whole: to a temporary file first, which then takes its place."""
    import io
    import tokenize

    path = Path(os.path.realpath(name))
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(text.encode("utf-8")).readline)
        data = text.encode(encoding)
        if path.exists() and path.read_bytes().startswith(codecs.BOM_UTF8):
            data = codecs.BOM_UTF8 + data
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            if path.exists():
                os.chmod(temporary, path.stat().st_mode & 0o7777)
            else:
                mask = os.umask(0)
                os.umask(mask)
                os.chmod(temporary, 0o666 & ~mask)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        message = f"can't be written: {error.strerror or error}."
        raise Failure([Diagnostic("SD123", message, "", name)]) from None
