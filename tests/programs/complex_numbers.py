"""Programs with complex numbers and Fourier transforms, as their users write them."""

import numpy as np
from numpy.typing import NDArray

SOURCE = 50 + 10j
PAULI_Y = np.array([[0, -1j], [1j, 0]])


def heat_step(u, k, dt):
    """One step of the heat equation, exact for each frequency."""
    u_hat = np.fft.fft(u)
    u_new = np.fft.ifft(np.exp(-dt * k**2) * u_hat)
    return np.real(u_new)


def burgers_energy(u, k, nu):
    """The energy after some steps of Burgers' equation, its slope by Fourier transforms."""
    v = u
    for _ in range(3):
        slope = np.fft.irfft(1j * k * np.fft.rfft(v), len(u))
        bend = np.fft.irfft(-(k**2) * np.fft.rfft(v), len(u))
        v = v + 0.01 * (nu * bend - v * slope)
    return np.sum(v**2) / 2


def spectrum_loss(x, target):
    """The mean square distance of a power spectrum from another one."""
    p = np.abs(np.fft.rfft(x)) ** 2 / len(x)
    return np.mean((p - target) ** 2)


def image_sharpness(image):
    """The weight of the high frequencies of an image."""
    spectrum = np.fft.fftshift(np.fft.fft2(image, norm="ortho"))
    n, m = image.shape
    y, x = np.arange(n) - n // 2, np.arange(m) - m // 2
    weight = y[:, None] ** 2 + x[None, :] ** 2
    return np.sum(weight * np.abs(spectrum) ** 2)


def escape(c: complex):
    """The distance from zero after some rounds of Mandelbrot's iteration."""
    z = 0
    for _ in range(6):
        z = z**2 + c
    return abs(z)


def impedance(r, l, c, frequencies):
    """The size of the impedance of a resistor, a coil and a capacitor in a row."""
    w = 2 * np.pi * frequencies
    z = r + 1j * w * l + 1 / (1j * w * c)
    return np.sum(np.abs(z))


def reflected(r, x):
    """The share of the power that a load sends back to its source."""
    load = r + 1j * x
    gamma = (load - np.conj(SOURCE)) / (load + SOURCE)
    return np.abs(gamma) ** 2


def expectation(psi: NDArray[np.complex128], h: NDArray[np.complex128]):
    """The energy of a quantum state, normalized."""
    norm = np.real(np.vdot(psi, psi))
    return np.real(np.vdot(psi, h @ psi)) / norm


def spin(theta, phi):
    """What is expected of a spin along y."""
    up = np.cos(theta / 2)
    down = np.exp(1j * phi) * np.sin(theta / 2)
    state = np.array([up, down])
    return (state.conj() @ PAULI_Y @ state).real


def filtered(x, h):
    """What a filter with this response leaves, as a loop over its frequencies."""
    total = 0.0
    spectrum = np.fft.fft(x)
    for i in range(len(h)):
        total += abs(spectrum[i] * h[i]) ** 2
    return total


def roots_apart(a, b):
    """The distance of the two roots of z**2 + a z + b, where they are complex."""
    d = np.sqrt(a**2 - 4 * b + 0j)
    first, second = (-a + d) / 2, (-a - d) / 2
    return np.abs(first - second)


def rotated(x, y, angle):
    """A point turned about the origin, and scaled by its own distance."""
    z = (x + 1j * y) * np.exp(1j * angle)
    u = z.real * np.abs(z)
    v = z.imag * np.abs(z)
    return u, v


def field(charges, places: NDArray[np.complex128], at: complex):
    """The field of line charges in the plane, collected in an array."""
    parts = np.zeros(len(charges), dtype=complex)
    for i in range(len(charges)):
        parts[i] = charges[i] / (at - places[i])
    return np.abs(np.sum(parts)) ** 2


def phase_lock(z: NDArray[np.complex128]):
    """How well phases agree: Kuramoto's order parameter."""
    angles = np.angle(z)
    return np.abs(np.mean(np.exp(1j * angles)))


def solved(a: NDArray[np.complex128], b):
    """The size of the solution of a complex system with a real right side."""
    x = np.linalg.solve(a, b)
    return np.linalg.norm(x)


def clipped(z: NDArray[np.complex128]):
    """Complex numbers, those that are too long made shorter."""
    size = np.abs(z)
    kept = np.where(size > 1, z / size, z**2)
    return np.sum(kept.real * kept.imag)


def chirp(f0, rate, t):
    """The correlation of a chirp with its own echo."""
    signal = np.exp(2j * np.pi * (f0 * t + rate * t**2 / 2))
    echo = np.roll(signal, 2)
    return np.abs(np.sum(signal * np.conj(echo)))
