"""Differential equations and particles."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


def euler_decay(y0, rate, dt, n):
    ys = [y0]
    for _ in range(n):
        ys.append(ys[-1] - dt * rate * ys[-1])
    return np.array(ys)


def rk4_step(f, t, y, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h * k1 / 2)
    k3 = f(t + h / 2, y + h * k2 / 2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def van_der_pol(y0, mu, h, steps):
    def rhs(t, y):
        return np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])

    t = 0.0
    y = y0
    for _ in range(steps):
        y = rk4_step(rhs, t, y, h)
        t += h
    return y


def lotka_volterra(z, params, dt, n_steps):
    alpha, beta, delta, gamma = params
    prey, predator = z
    for _ in range(n_steps):
        dprey = alpha * prey - beta * prey * predator
        dpredator = delta * prey * predator - gamma * predator
        prey = prey + dt * dprey
        predator = predator + dt * dpredator
    return prey, predator


def sir(state, p, days):
    S, I, R = state["S"], state["I"], state["R"]
    history = []
    for day in range(days):
        new_infections = p["beta"] * S * I
        new_recoveries = p["gamma"] * I
        S -= new_infections
        I += new_infections - new_recoveries
        R += new_recoveries
        history.append((S, I, R))
    return np.array(history)


def pendulum(theta, omega, g=9.81, length=1.0, dt=0.01, steps=20):
    """Semi-implicit Euler."""
    for _ in range(steps):
        omega -= dt * g / length * np.sin(theta)
        theta += dt * omega
    return theta


@dataclass
class Spring:
    mass: float
    stiffness: float
    damping: float = 0.1


def damped_spring(spring: Spring, x: float, v: float, dt: float, n: int) -> float:
    energy = 0.0
    for _ in range(n):
        a = (-spring.stiffness * x - spring.damping * v) / spring.mass
        v += a * dt
        x += v * dt
        energy += 0.5 * spring.mass * v**2 + 0.5 * spring.stiffness * x**2
    return energy / n


class Body(NamedTuple):
    position: np.ndarray
    velocity: np.ndarray
    mass: float


def two_body(sun: Body, planet: Body, dt, steps):
    x, v = planet.position, planet.velocity
    for _ in range(steps):
        r = sun.position - x
        a = sun.mass * r / np.sqrt(r @ r) ** 3
        v = v + dt * a
        x = x + dt * v
    momentum = planet.mass * v
    return x, momentum


def nbody_leapfrog(pos, vel, mass, dt, n_steps, softening=0.1):
    def acceleration(p):
        a = np.zeros_like(p)
        for i in range(len(mass)):
            for j in range(len(mass)):
                if i == j:
                    continue
                d = p[j] - p[i]
                a[i] += mass[j] * d / (d @ d + softening**2) ** 1.5
        return a

    pos = pos.copy()
    vel = vel.copy()
    acc = acceleration(pos)
    for _ in range(n_steps):
        vel += 0.5 * dt * acc
        pos += dt * vel
        acc = acceleration(pos)
        vel += 0.5 * dt * acc
    return pos


def nbody_step(x, v, m, dt):
    """One step for all pairs; x and v are updated."""
    n = x.shape[0]
    for i in range(n):
        for j in range(i + 1, n):
            r = x[i] - x[j]
            mag = dt / (np.sum(r**2) + 0.01) ** 1.5
            v[i] -= r * m[j] * mag
            v[j] += r * m[i] * mag
    for i in range(n):
        x[i] += dt * v[i]


def verlet(x0, v0, k, dt, n):
    force = lambda x: -k * x - 0.1 * x**3
    x_old = x0
    x = x0 + v0 * dt + 0.5 * force(x0) * dt**2
    for _ in range(n - 1):
        x_old, x = x, 2 * x - x_old + force(x) * dt * dt
    return x


def chain_of_springs(x, v, k, rest, dt, steps):
    x, v = x.copy(), v.copy()
    n = x.shape[0]
    for _ in range(steps):
        f = np.zeros(n)
        for i in range(n - 1):
            stretch = x[i + 1] - x[i] - rest
            f[i] += k[i] * stretch
            f[i + 1] -= k[i] * stretch
        v += dt * f
        v[0] = 0.0
        x += dt * v
    return x


def bouncing_ball(height, speed, restitution, dt, steps):
    y, vy = height, speed
    for _ in range(steps):
        vy = vy - 9.81 * dt
        y = y + vy * dt
        if y < 0:
            y = -y
            vy = -restitution * vy
    return y


def lorenz(xyz, sigma=10.0, rho=28.0, beta=8 / 3, dt=0.01, num_steps=15):
    xyzs = np.empty((num_steps + 1, 3))
    xyzs[0] = xyz
    for i in range(num_steps):
        x, y, z = xyzs[i]
        x_dot = sigma * (y - x)
        y_dot = rho * x - y - x * z
        z_dot = x * y - beta * z
        xyzs[i + 1] = xyzs[i] + np.array([x_dot, y_dot, z_dot]) * dt
    return xyzs


def heun(x, drift, vol, noise, dt):
    """One path of dX = drift X dt + vol X dW with given draws."""
    for z in noise:
        dw = z * np.sqrt(dt)
        guess = x + drift * x * dt + vol * x * dw
        x = x + 0.5 * drift * (x + guess) * dt + 0.5 * vol * (x + guess) * dw
    return x


def adaptive_euler(y, k, t_end, tol):
    """Halve the step where two half steps and a whole one disagree."""
    t, h = 0.0, 0.25
    while t < t_end:
        if t + h > t_end:
            h = t_end - t
        whole = y - h * k * y**2
        half = y - 0.5 * h * k * y**2
        two = half - 0.5 * h * k * half**2
        if abs(two - whole) > tol:
            h *= 0.5
            continue
        y = 2 * two - whole
        t += h
        h *= 1.5
    return y


def shoot(speed, angle, drag, dt=0.02):
    """How far a ball flies, with the landing point interpolated."""
    x, y = 0.0, 0.0
    vx, vy = speed * np.cos(angle), speed * np.sin(angle)
    while True:
        v = np.sqrt(vx**2 + vy**2)
        x_new, y_new = x + vx * dt, y + vy * dt
        if y_new < 0:
            return x + (x_new - x) * y / (y - y_new)
        x, y = x_new, y_new
        vx -= drag * v * vx * dt
        vy -= (9.81 + drag * v * vy) * dt


def diffusion_limited(c, D, source, n):
    # conserve the total: what leaves a cell enters its neighbour
    for _ in range(n):
        flux = -D * np.diff(c)
        c[:-1] -= flux
        c[1:] += flux
        c[len(c) // 2] += source
