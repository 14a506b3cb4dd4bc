"""Finite differences on grids."""

import numpy as np


def heat_1d(TSTEPS, A, B):
    for t in range(1, TSTEPS):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] + B[2:])


def heat_2d(u0: np.ndarray, alpha: float, dt: float, dx: float, nt: int):
    u = u0.copy()
    for n in range(nt):
        un = u.copy()
        u[1:-1, 1:-1] = un[1:-1, 1:-1] + alpha * dt / dx**2 * (
            un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2] - 4 * un[1:-1, 1:-1]
        )
        u[0, :] = 0.0
        u[-1, :] = u[-2, :]
    return u


def heat_3d(TSTEPS, A, B):
    for t in range(1, TSTEPS):
        B[1:-1, 1:-1, 1:-1] = (
            0.125 * (A[2:, 1:-1, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[:-2, 1:-1, 1:-1])
            + 0.125 * (A[1:-1, 2:, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, :-2, 1:-1])
            + 0.125 * (A[1:-1, 1:-1, 2:] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, 1:-1, :-2])
            + A[1:-1, 1:-1, 1:-1]
        )
        A[1:-1, 1:-1, 1:-1] = B[1:-1, 1:-1, 1:-1] ** 2


def jacobi_2d(TSTEPS, A, B):
    for t in range(1, TSTEPS):
        B[1:-1, 1:-1] = 0.2 * (
            A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1]
        )
        A[1:-1, 1:-1] = 0.2 * (
            B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1]
        )


def seidel_2d(TSTEPS, N, A):
    for t in range(0, TSTEPS - 1):
        for i in range(1, N - 1):
            for j in range(1, N - 1):
                A[i, j] = (
                    A[i - 1, j - 1]
                    + A[i - 1, j]
                    + A[i - 1, j + 1]
                    + A[i, j - 1]
                    + A[i, j]
                    + A[i, j + 1]
                    + A[i + 1, j - 1]
                    + A[i + 1, j]
                    + A[i + 1, j + 1]
                ) / 9.0


def seidel_rowwise(steps, grid):
    """Gauss-Seidel where a row's left neighbour is the new value; vectorised as far as it goes."""
    n = grid.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            grid[i, 1:-1] += grid[i - 1, 1:-1] * grid[i, 2:] + grid[i + 1, :-2]
            for j in range(1, grid.shape[1] - 1):
                grid[i, j] += grid[i, j - 1]
                grid[i, j] /= 4.0


def fdtd_2d(TMAX, ex, ey, hz, _fict_):
    for t in range(TMAX):
        ey[0, :] = _fict_[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])


def upwind_advection(u, c, dx, dt, nt):
    u = u.copy()
    for n in range(nt):
        un = u.copy()
        for i in range(1, len(u)):
            u[i] = un[i] - c * dt / dx * (un[i] - un[i - 1])
    return u


def burgers(u, nu, dt, dx, nt):
    u = np.array(u)
    for n in range(nt):
        un = u.copy()
        for i in range(1, un.size - 1):
            u[i] = (
                un[i]
                - un[i] * dt / dx * (un[i] - un[i - 1])
                + nu * dt / dx**2 * (un[i + 1] - 2 * un[i] + un[i - 1])
            )
        # periodic ends
        u[0] = (
            un[0]
            - un[0] * dt / dx * (un[0] - un[-2])
            + nu * dt / dx**2 * (un[1] - 2 * un[0] + un[-2])
        )
        u[-1] = u[0]
    return u


def wave_equation(u0, v0, c, dt, h, steps):
    r2 = (c * dt / h) ** 2
    u_prev = u0
    u = u0 + dt * v0
    u[0] = u[-1] = 0.0
    for _ in range(steps):
        u_next = np.zeros_like(u)
        u_next[1:-1] = 2 * u[1:-1] - u_prev[1:-1] + r2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        u_prev, u = u, u_next
    return u


def smooth_in_place(u, steps):
    for _ in range(steps):
        u[1:-1] = 0.25 * u[:-2] + 0.5 * u[1:-1] + 0.25 * u[2:]


def lax_friedrichs(rho, vmax, lam, nsteps):
    """Traffic flow on a ring road."""

    def flux(r):
        return vmax * r * (1 - r)

    for _ in range(nsteps):
        f = flux(rho)
        rho = 0.5 * (np.roll(rho, 1) + np.roll(rho, -1)) - 0.5 * lam * (
            np.roll(f, -1) - np.roll(f, 1)
        )
    return rho


def laplace_sor(phi, omega, tol, max_iter):
    """Successive over-relaxation until the largest change is below tol."""
    phi = phi.copy()
    ny, nx = phi.shape
    for it in range(max_iter):
        biggest = 0.0
        for j in range(1, ny - 1):
            for i in range(1, nx - 1):
                new = (phi[j, i + 1] + phi[j, i - 1] + phi[j + 1, i] + phi[j - 1, i]) / 4
                change = omega * (new - phi[j, i])
                phi[j, i] += change
                biggest = max(biggest, abs(change))
        if biggest < tol:
            break
    return phi


def pressure_poisson(p, dx, dy, b, nit=5):
    pn = np.empty_like(p)
    p = p.copy()
    for q in range(nit):
        pn[:] = p
        p[1:-1, 1:-1] = (
            (pn[1:-1, 2:] + pn[1:-1, 0:-2]) * dy**2 + (pn[2:, 1:-1] + pn[0:-2, 1:-1]) * dx**2
        ) / (2 * (dx**2 + dy**2)) - dx**2 * dy**2 / (2 * (dx**2 + dy**2)) * b[1:-1, 1:-1]
        p[:, -1] = p[:, -2]  # dp/dx = 0 at x = 2
        p[0, :] = p[1, :]  # dp/dy = 0 at y = 0
        p[:, 0] = p[:, 1]  # dp/dx = 0 at x = 0
        p[-1, :] = 0  # p = 0 at y = 2
    return p


def limited_diffusion(in_field, out_field, coeff):
    """Fourth-order horizontal diffusion with a flux limiter."""
    lap = 4.0 * in_field[1:-1, 1:-1] - (
        in_field[2:, 1:-1] + in_field[:-2, 1:-1] + in_field[1:-1, 2:] + in_field[1:-1, :-2]
    )
    flx = lap[1:, 1:-1] - lap[:-1, 1:-1]
    flx = np.where(flx * (in_field[2:-1, 2:-2] - in_field[1:-2, 2:-2]) > 0, 0, flx)
    fly = lap[1:-1, 1:] - lap[1:-1, :-1]
    fly = np.where(fly * (in_field[2:-2, 2:-1] - in_field[2:-2, 1:-2]) > 0, 0, fly)
    out_field[2:-2, 2:-2] = in_field[2:-2, 2:-2] - coeff * (
        flx[1:, :] - flx[:-1, :] + fly[:, 1:] - fly[:, :-1]
    )


def blur(image, kernel):
    kh, kw = kernel.shape
    padded = np.zeros((image.shape[0] + kh - 1, image.shape[1] + kw - 1))
    padded[kh // 2 : kh // 2 + image.shape[0], kw // 2 : kw // 2 + image.shape[1]] = image
    result = np.zeros(image.shape)
    for dy in range(kh):
        for dx in range(kw):
            result += kernel[dy, dx] * padded[dy : dy + image.shape[0], dx : dx + image.shape[1]]
    return result


def gray_scott(U, V, Du, Dv, f, k, n):
    def laplacian(Z):
        return Z[:-2, 1:-1] + Z[1:-1, :-2] - 4 * Z[1:-1, 1:-1] + Z[1:-1, 2:] + Z[2:, 1:-1]

    u, v = U[1:-1, 1:-1], V[1:-1, 1:-1]  # views: updated through U and V
    for _ in range(n):
        Lu = laplacian(U)
        Lv = laplacian(V)
        uvv = u * v * v
        u += Du * Lu - uvv + f * (1 - u)
        v += Dv * Lv + uvv - (f + k) * v
        for Z in (U, V):
            Z[0, :] = Z[-2, :]
            Z[-1, :] = Z[1, :]
            Z[:, 0] = Z[:, -2]
            Z[:, -1] = Z[:, 1]
