"""Problems as values: what, where, why and what to do."""

from srcdiff.diagnostics.diagnostic import DerivationError, Diagnostic, Refusal, Span
from srcdiff.diagnostics.problems import FAULTS, Problems, fault, faults_told

__all__ = [
    "FAULTS",
    "DerivationError",
    "Diagnostic",
    "Problems",
    "Refusal",
    "Span",
    "fault",
    "faults_told",
]
