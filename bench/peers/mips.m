% mips: AC optimal power flow by a primal-dual interior point, the peer of bench/opf-mips.ts.
%
%   octave --eval "addpath('bench/peers'); mips('/folder/of/the/case', 'name')"
%
% Our own writing of a published algorithm, not MATPOWER's file:
%   H. Wang, C. E. Murillo-Sanchez, R. D. Zimmerman, R. J. Thomas, "On computational issues of market-based optimal
%   power flow", IEEE Trans. Power Syst. 22 (2007) 1185-1193; parameters as in the manual of MIPS.
%   R. D. Zimmerman, "AC power flows, generalized OPF costs and their derivatives using complex matrix notation",
%   MATPOWER Technical Note 2: voltages in polar coordinates, complex sparse matrices.
%
%   min f(x)   g(x) = 0   h(x) + z = 0, z > 0   x = [angles; magnitudes; P; Q of generators]
%
% The reduced system of each step is solved by Octave's sparse backslash. Reads a case file (version 2: bus, gen, branch,
% polynomial gencost); then for every byte on standard input solves from the flat start in the middle of all bounds and
% answers with a line: objective, CPU milliseconds, iterations, 1 when within the tolerances.
function mips (folder, name)
    addpath(folder);
    mpc = feval(name);
    while ~isempty(fread(stdin, 1))
        before = cputime;
        [f, k, arrived] = solve(prepare(mpc));
        printf('%.17g %.6f %d %d\n', f, 1000 * (cputime - before), k, arrived);
        fflush(stdout);
    end
end

% what stays the same through all iterations, per unit and radians
function c = prepare (mpc)
    base = mpc.baseMVA;
    bus = mpc.bus;
    if any(bus(:, 2) == 4); error('a bus out of service: not for this program'); end
    n = rows(bus);
    at = sparse(bus(:, 1), 1, 1:n);
    on = mpc.gen(:, 8) > 0;
    gen = mpc.gen(on, :);
    cost = mpc.gencost(on, :);
    if any(cost(:, 1) ~= 2); error('a cost that is no polynomial: not for this program'); end
    branch = mpc.branch(mpc.branch(:, 11) > 0, :);
    m = rows(branch);
    ng = rows(gen);

    from = full(at(branch(:, 1)));
    to = full(at(branch(:, 2)));
    ys = 1 ./ (branch(:, 3) + 1j * branch(:, 4));
    ratio = branch(:, 9);
    ratio(ratio == 0) = 1;
    tap = ratio .* exp(1j * pi / 180 * branch(:, 10));
    ytt = ys + 0.5j * branch(:, 5);
    yff = ytt ./ (tap .* conj(tap));
    k = (1:m)';
    cf = sparse(k, from, 1, m, n);
    ct = sparse(k, to, 1, m, n);
    yf = sparse([k; k], [from; to], [yff; -ys ./ conj(tap)], m, n);
    yt = sparse([k; k], [from; to], [-ys ./ tap; ytt], m, n);
    c.y = cf.' * yf + ct.' * yt + sparse(1:n, 1:n, (bus(:, 5) + 1j * bus(:, 6)) / base);
    limited = branch(:, 6) > 0 & branch(:, 6) < 1e10;
    c.cf = cf(limited, :);
    c.ct = ct(limited, :);
    c.yf = yf(limited, :);
    c.yt = yt(limited, :);
    c.most = (branch(limited, 6) / base) .^ 2;
    c.at = sparse(full(at(gen(:, 1))), 1:ng, 1, n, ng);
    c.load = (bus(:, 3) + 1j * bus(:, 4)) / base;
    c.n = n;
    c.ng = ng;

    % coefficients by falling powers of MW, all of one width
    width = max(cost(:, 4));
    c.cost = zeros(ng, width);
    for i = 1:ng
        c.cost(i, width - cost(i, 4) + 1:width) = cost(i, 5:4 + cost(i, 4));
    end
    c.scale = 1e-4;
    c.cost = c.scale * c.cost .* base .^ (width - 1:-1:0);
    c.slope = c.cost(:, 1:end - 1) .* (width - 1:-1:1);
    c.curve = c.slope(:, 1:end - 1) .* (width - 2:-1:1);

    % bounds and limits of angles, as rows of a matrix
    reference = bus(:, 2) == 3;
    start = pi / 180 * bus(find(reference, 1), 9);
    low = -Inf(n, 1);
    high = Inf(n, 1);
    low(reference) = high(reference) = pi / 180 * bus(reference, 9);
    low = [low; bus(:, 13); gen(:, [10, 5])(:) / base];
    high = [high; bus(:, 12); gen(:, [9, 4])(:) / base];
    c.x = (low + high) / 2;
    c.x(1:n) = start;
    every = speye(numel(c.x));
    held = abs(high - low) <= eps;
    c.equal = every(held, :);
    c.is = high(held);
    above = ~held & high < 1e10;
    below = ~held & low > -1e10;
    angle = pi / 180 * branch(:, 12:13);
    least = branch(:, 12) > -360 & branch(:, 12) ~= 0;
    greatest = branch(:, 13) < 360 & branch(:, 13) ~= 0;
    across = [cf - ct, sparse(m, n + 2 * ng)];
    c.less = [every(above, :); -every(below, :); across(greatest, :); -across(least, :)];
    c.than = [high(above); -low(below); angle(greatest, 2); -angle(least, 1)];
end

% powers that generators share among buses, flows and their derivatives at x
function s = evaluate (c, x)
    n = c.n;
    va = x(1:n);
    vm = x(n + 1:2 * n);
    pg = x(2 * n + 1:2 * n + c.ng);
    qg = x(2 * n + c.ng + 1:end);
    s.vm = vm;
    s.e = exp(1j * va);
    s.v = vm .* s.e;
    s.i = c.y * s.v;
    s.f = sum(horner(c.cost, pg));
    s.df = [zeros(2 * n, 1); horner(c.slope, pg); zeros(c.ng, 1)];
    mismatch = s.v .* conj(s.i) + c.load - c.at * (pg + 1j * qg);
    v = diagonal(s.v);
    e = diagonal(s.e);
    dva = 1j * v * conj(diagonal(s.i) - c.y * v);
    dvm = v * conj(c.y * e) + conj(diagonal(s.i)) * e;
    none = sparse(n, c.ng);
    s.dg = [real(dva), real(dvm), -c.at, none; imag(dva), imag(dvm), none, -c.at; c.equal];
    s.g = [real(mismatch); imag(mismatch); c.equal * x - c.is];
    s.from = flow(c.cf, c.yf, s.v, v, e);
    s.to = flow(c.ct, c.yt, s.v, v, e);
    zero = sparse(numel(c.most), 2 * c.ng);
    s.dh = [s.from.da, s.from.dm, zero; s.to.da, s.to.dm, zero; c.less];
    s.h = [abs(s.from.s) .^ 2 - c.most; abs(s.to.s) .^ 2 - c.most; c.less * x - c.than];
end

% power S at one end of the branches, its derivatives, and those of |S|^2
function b = flow (ends, y, v, diagonalV, diagonalE)
    i = conj(y * v);
    b.s = (ends * v) .* i;
    b.sa = 1j * (diagonal(i) * ends * diagonalV - diagonal(ends * v) * conj(y * diagonalV));
    b.sm = diagonal(ends * v) * conj(y * diagonalE) + diagonal(i) * ends * diagonalE;
    re = diagonal(2 * real(b.s));
    im = diagonal(2 * imag(b.s));
    b.da = re * real(b.sa) + im * imag(b.sa);
    b.dm = re * real(b.sm) + im * imag(b.sm);
end

% second derivatives of f + lambda'*g + mu'*h
function l = hessian (c, x, s, lambda, mu)
    n = c.n;
    pg = x(2 * n + 1:2 * n + c.ng);
    per = diagonal(1 ./ s.vm);
    [paa, pva, pvv] = balance(c.y, s, per, lambda(1:n));
    [qaa, qva, qvv] = balance(c.y, s, per, lambda(n + 1:2 * n));
    m = numel(c.most);
    [faa, fva, fvv] = squares(c.cf, c.yf, s.from, s.v, per, mu(1:m));
    [taa, tva, tvv] = squares(c.ct, c.yt, s.to, s.v, per, mu(m + 1:2 * m));
    aa = real(paa) + imag(qaa) + faa + taa;
    va = real(pva) + imag(qva) + fva + tva;
    vv = real(pvv) + imag(qvv) + fvv + tvv;
    curve = [horner(c.curve, pg); zeros(c.ng, 1)];
    l = [aa, va.', sparse(n, 2 * c.ng); va, vv, sparse(n, 2 * c.ng); sparse(2 * c.ng, 2 * n), diagonal(curve)];
end

% second derivatives of the weighted power into the buses
function [aa, va, vv] = balance (y, s, per, weight)
    v = diagonal(s.v);
    a = diagonal(weight .* s.v);
    b = y * v;
    c = a * conj(b);
    d = y' * v;
    e = conj(v) * (d * diagonal(weight) - diagonal(d * weight));
    f = c - a * conj(diagonal(s.i));
    aa = e + f;
    va = 1j * per * (e - f);
    vv = per * (c + c.') * per;
end

% second derivatives of the weighted |S|^2 at one end of the branches
function [aa, va, vv] = squares (ends, y, b, v, per, weight)
    a = y' * diagonal(conj(b.s) .* weight) * ends;
    w = conj(diagonal(v)) * a * diagonal(v);
    d = diagonal((a * v) .* conj(v));
    e = diagonal((a.' * conj(v)) .* v);
    f = w + w.';
    g = diagonal(weight);
    aa = 2 * real(f - d - e + b.sa.' * g * conj(b.sa));
    va = 2 * real(1j * per * (w - w.' - d + e) + b.sm.' * g * conj(b.sa));
    vv = 2 * real(per * f * per + b.sm.' * g * conj(b.sm));
end

function [f, k, arrived] = solve (c)
    xi = 0.99995;
    sigma = 0.1;
    z0 = 1;
    tolerance = 1e-6;
    leastStep = 1e-8;

    x = c.x;
    s = evaluate(c, x);
    neq = numel(s.g);
    nh = numel(s.h);
    lambda = zeros(neq, 1);
    z = max(z0, -s.h);
    gamma = 1;
    mu = max(z0, gamma ./ z);
    lx = s.df + s.dg.' * lambda + s.dh.' * mu;
    arrived = false;
    for k = 1:150
        m = hessian(c, x, s, lambda, mu) + s.dh.' * diagonal(mu ./ z) * s.dh;
        right = lx + s.dh.' * ((mu .* s.h + gamma) ./ z);
        d = [m, s.dg.'; s.dg, sparse(neq, neq)] \ -[right; s.g];
        if any(~isfinite(d)); break; end
        dx = d(1:numel(x));
        dz = -s.h - z - s.dh * dx;
        dmu = -mu + (gamma - mu .* dz) ./ z;
        primal = longest(z, dz, xi);
        dual = longest(mu, dmu, xi);
        x += primal * dx;
        z += primal * dz;
        lambda += dual * d(numel(x) + 1:end);
        mu += dual * dmu;
        gamma = sigma * (z' * mu) / nh;

        before = s.f;
        s = evaluate(c, x);
        lx = s.df + s.dg.' * lambda + s.dh.' * mu;
        largest = norm(x, Inf);
        feasible = max(norm(s.g, Inf), max(s.h)) / (1 + max(largest, norm(z, Inf)));
        gradient = norm(lx, Inf) / (1 + max(norm(lambda, Inf), norm(mu, Inf)));
        complementary = (z' * mu) / (1 + largest);
        change = abs(s.f - before) / (1 + abs(before));
        arrived = all([feasible, gradient, complementary, change] < tolerance);
        if arrived || min(primal, dual) < leastStep; break; end
    end
    f = s.f / c.scale;
end

% longest part of the step d that leaves z positive
function alpha = longest (z, d, xi)
    falls = d < 0;
    alpha = min([1; xi * min(-z(falls) ./ d(falls))]);
end

function y = horner (coefficients, x)
    y = zeros(size(x));
    for k = 1:columns(coefficients)
        y = y .* x + coefficients(:, k);
    end
end

function d = diagonal (values)
    k = 1:numel(values);
    d = sparse(k, k, values);
end
