"""Problems as values: what, where, why and what to do."""

from srcdiff.diagnostics.diagnostic import DerivationError, Diagnostic, Refusal, Span
from srcdiff.diagnostics.problems import FAULTS, Problems, Section, fault, faults_told

__all__ = [
    "FAULTS",
    "DerivationError",
    "Diagnostic",
    "Problems",
    "Refusal",
    "Section",
    "Span",
    "fault",
    "faults_told",
]
