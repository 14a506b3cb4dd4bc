"""Discrete Fourier transforms.

The matrix of a transform is symmetric, so the gradient of a transform is the same transform of the
upstream gradient; what was cropped gets zeros, what was padded is dropped. The transforms that
leave out the frequencies below zero, because they are the conjugates of those above, count each of
them for both.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Kind, Type, unknown
from srcdiff.rules.helpers import doubled, resized
from srcdiff.rules.registry import GIVES_COMPLEX, GIVES_REAL, Operands, linear, rule
from srcdiff.rules.shapes import normalized, of_kind, same_as_operand


def _transformed(operands: Operands, kind: Kind, *, keeps_size: bool = True) -> Type:
    """Give the type of a transform along one axis."""
    source, axis = operands.type("x"), operands.constant("axis", -1)
    if not isinstance(source.shape, tuple) or not isinstance(axis, int):
        return unknown(form="array").of_kind(kind)
    size = operands.constant("n")
    axes = normalized(axis, len(source.shape))
    if axes is None or not (isinstance(size, int) or (size is None and keeps_size)):
        return unknown(form="array").of_kind(kind)
    shape = tuple(
        size if size is not None and index == axes[0] else dim
        for index, dim in enumerate(source.shape)
    )
    return of_kind(source, shape, kind)


def _to_complex(operands: Operands) -> Type:
    return _transformed(operands, "complex")


def _to_real(operands: Operands) -> Type:
    return _transformed(operands, "float", keeps_size=False)


def _to_half(operands: Operands) -> Type:
    return unknown(form="array").of_kind("complex")


def _over_axes(operands: Operands) -> Type:
    source = operands.type("x")
    if operands.constant("s") is not None or not isinstance(source.shape, tuple):
        return unknown(form="array").of_kind("complex")
    return of_kind(source, source.shape, "complex")


def _to_real_over_axes(operands: Operands) -> Type:
    return unknown(form="array").of_kind("float")


# Along one axis


@linear(np.fft.fft, shape=_to_complex)
def fft_backward(x, n=None, axis=-1, norm=None, *, dy):
    dx = np.fft.fft(dy, axis=axis, norm=norm)
    if n is not None:
        dx = resized(dx, x)
    return dx


@linear(np.fft.ifft, shape=_to_complex)
def ifft_backward(x, n=None, axis=-1, norm=None, *, dy):
    dx = np.fft.ifft(dy, axis=axis, norm=norm)
    if n is not None:
        dx = resized(dx, x)
    return dx


@linear(np.fft.rfft, shape=_to_half, takes_complex=False)
def rfft_backward(x, n=None, axis=-1, norm=None, *, dy):
    """Gradient of np.fft.rfft(x, n, axis, norm): the frequencies left out get none."""
    if n is None:
        dx = np.real(np.fft.fft(dy, n=np.shape(x)[axis], axis=axis, norm=norm))
    else:
        dx = resized(np.real(np.fft.fft(dy, n=n, axis=axis, norm=norm)), x)
    return dx


@linear(np.fft.irfft, shape=_to_real)
def irfft_backward(x, n=None, axis=-1, norm=None, *, dy):
    """Gradient of np.fft.irfft(x, n, axis, norm)."""
    dx = doubled(np.fft.ihfft(dy, axis=axis, norm=norm), np.shape(dy)[axis], axis)
    if n is not None:
        dx = resized(dx, x)
    if not np.iscomplexobj(x):
        dx = np.real(dx)
    return dx


@linear(np.fft.hfft, shape=_to_real)
def hfft_backward(x, n=None, axis=-1, norm=None, *, dy):
    """Gradient of np.fft.hfft(x, n, axis, norm)."""
    dx = doubled(np.fft.rfft(dy, axis=axis, norm=norm), np.shape(dy)[axis], axis)
    if n is not None:
        dx = resized(dx, x)
    if not np.iscomplexobj(x):
        dx = np.real(dx)
    return dx


@linear(np.fft.ihfft, shape=_to_half, takes_complex=False)
def ihfft_backward(x, n=None, axis=-1, norm=None, *, dy):
    """Gradient of np.fft.ihfft(x, n, axis, norm): the frequencies left out get none."""
    if n is None:
        dx = np.real(np.fft.ifft(dy, n=np.shape(x)[axis], axis=axis, norm=norm))
    else:
        dx = resized(np.real(np.fft.ifft(dy, n=n, axis=axis, norm=norm)), x)
    return dx


# Over several axes


@linear(np.fft.fft2, shape=_over_axes)
def fft2_backward(x, s=None, axes=(-2, -1), norm=None, *, dy):
    dx = np.fft.fft2(dy, s=s, axes=axes, norm=norm)
    if s is not None:
        dx = resized(dx, x)
    return dx


@linear(np.fft.ifft2, shape=_over_axes)
def ifft2_backward(x, s=None, axes=(-2, -1), norm=None, *, dy):
    dx = np.fft.ifft2(dy, s=s, axes=axes, norm=norm)
    if s is not None:
        dx = resized(dx, x)
    return dx


@linear(np.fft.fftn, shape=_over_axes)
def fftn_backward(x, s=None, axes=None, norm=None, *, dy):
    dx = np.fft.fftn(dy, s=s, axes=axes, norm=norm)
    if s is not None:
        dx = resized(dx, x)
    return dx


@linear(np.fft.ifftn, shape=_over_axes)
def ifftn_backward(x, s=None, axes=None, norm=None, *, dy):
    dx = np.fft.ifftn(dy, s=s, axes=axes, norm=norm)
    if s is not None:
        dx = resized(dx, x)
    return dx


@linear(np.fft.rfft2, shape=_to_half, takes_complex=False)
def rfft2_backward(x, s=None, axes=(-2, -1), norm=None, *, dy):
    """Gradient of np.fft.rfft2(x, s, axes, norm): the frequencies left out get none."""
    sizes = [np.shape(dy)[axis] for axis in axes]
    sizes[-1] = np.shape(x)[axes[-1]] if s is None or s[-1] < 0 else s[-1]
    dx = resized(np.real(np.fft.fftn(dy, s=sizes, axes=axes, norm=norm)), x)
    return dx


@linear(np.fft.rfftn, shape=_to_half, takes_complex=False)
def rfftn_backward(x, s=None, axes=None, norm=None, *, dy):
    """Gradient of np.fft.rfftn(x, s, axes, norm): the frequencies left out get none."""
    if axes is None:
        axes = list(range(-len(np.shape(x) if s is None else s), 0))
    sizes = [np.shape(dy)[axis] for axis in axes]
    sizes[-1] = np.shape(x)[axes[-1]] if s is None or s[-1] < 0 else s[-1]
    dx = resized(np.real(np.fft.fftn(dy, s=sizes, axes=axes, norm=norm)), x)
    return dx


@linear(np.fft.irfft2, shape=_to_real_over_axes)
def irfft2_backward(x, s=None, axes=(-2, -1), norm=None, *, dy):
    """Gradient of np.fft.irfft2(x, s, axes, norm)."""
    last = axes[-1]
    dx = doubled(np.fft.ihfft(dy, axis=last, norm=norm), np.shape(dy)[last], last)
    if len(axes) > 1:
        dx = np.fft.ifftn(dx, axes=axes[:-1], norm=norm)
    if s is not None:
        dx = resized(dx, x)
    if not np.iscomplexobj(x):
        dx = np.real(dx)
    return dx


@linear(np.fft.irfftn, shape=_to_real_over_axes)
def irfftn_backward(x, s=None, axes=None, norm=None, *, dy):
    """Gradient of np.fft.irfftn(x, s, axes, norm)."""
    if axes is None:
        axes = list(range(-len(np.shape(x) if s is None else s), 0))
    last = axes[-1]
    dx = doubled(np.fft.ihfft(dy, axis=last, norm=norm), np.shape(dy)[last], last)
    if len(axes) > 1:
        dx = np.fft.ifftn(dx, axes=axes[:-1], norm=norm)
    if s is not None:
        dx = resized(dx, x)
    if not np.iscomplexobj(x):
        dx = np.real(dx)
    return dx


# What the rules above call


@linear(resized, shape=lambda operands: of_kind(operands.type("grad"), operands.type("like").shape))
def resized_backward(grad, like, *, dy):
    dgrad = resized(dy, grad)
    return dgrad


@linear(doubled, shape=lambda operands: operands.type("half"))
def doubled_backward(half, n, axis, *, dy):
    dhalf = doubled(dy, n, axis)
    return dhalf


# Frequencies


@linear(np.fft.fftshift, shape=same_as_operand)
def fftshift_backward(x, axes=None, *, dy):
    dx = np.fft.ifftshift(dy, axes=axes)
    return dx


@linear(np.fft.ifftshift, shape=same_as_operand)
def ifftshift_backward(x, axes=None, *, dy):
    dx = np.fft.fftshift(dy, axes=axes)
    return dx


def _frequencies(operands: Operands) -> Type:
    return unknown(form="array").of_kind("float")


@rule(np.fft.fftfreq, shape=_frequencies)
def fftfreq_backward(n, d=1.0, *, dy):
    """Gradient of np.fft.fftfreq(n, d) for the distance d of the samples."""
    y = np.fft.fftfreq(n, d)
    dd = -np.sum(y * dy) / d
    return dd


@rule(np.fft.rfftfreq, shape=_frequencies)
def rfftfreq_backward(n, d=1.0, *, dy):
    """Gradient of np.fft.rfftfreq(n, d) for the distance d of the samples."""
    y = np.fft.rfftfreq(n, d)
    dd = -np.sum(y * dy) / d
    return dd


GIVES_COMPLEX.update([np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.ihfft, np.fft.fft2])
GIVES_COMPLEX.update([np.fft.ifft2, np.fft.fftn, np.fft.ifftn, np.fft.rfft2, np.fft.rfftn])
GIVES_REAL.update([np.fft.irfft, np.fft.hfft, np.fft.irfft2, np.fft.irfftn])
GIVES_REAL.update([np.fft.fftfreq, np.fft.rfftfreq])
