// CHOLMOD on one symmetric positive definite matrix: analysed once, then factored and solved again and again.
//
//   cholmod FILE        FILE: int32 n, int32 entries, int32 column pointers (n + 1), int32 rows, double values, double right side;
//                       upper triangle in compressed columns, rows ascending, diagonal last
//
// Reads lines "go REPEATS" and answers each with one line of JSON: CPU milliseconds of one factorisation and solve
// (median and least), the sum of absolute values of the solution, entries of the factor. Ordering and analysis are
// CHOLMOD's own choice and not timed; nor is making the workspace, which cholmod_solve2 keeps.
#include <suitesparse/cholmod.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

static double cpuMs() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

template <class T> static std::vector<T> take(FILE *file, size_t count) {
    std::vector<T> values(count);
    if (fread(values.data(), sizeof(T), count, file) != count) throw "the file is too short";
    return values;
}

int main(int argc, char **argv) try {
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : nullptr;
    if (!file) throw "usage: cholmod FILE";
    const auto size = take<int32_t>(file, 2);
    const int n = size[0], entries = size[1];
    const auto pointers = take<int32_t>(file, n + 1);
    const auto rows = take<int32_t>(file, entries);
    const auto values = take<double>(file, entries);
    const auto right = take<double>(file, n);

    cholmod_common c;
    cholmod_start(&c);
    cholmod_sparse *a = cholmod_allocate_sparse(n, n, entries, 1, 1, 1, CHOLMOD_REAL, &c);
    memcpy(a->p, pointers.data(), sizeof(int32_t) * (n + 1));
    memcpy(a->i, rows.data(), sizeof(int32_t) * entries);
    memcpy(a->x, values.data(), sizeof(double) * entries);
    cholmod_dense *b = cholmod_allocate_dense(n, 1, n, CHOLMOD_REAL, &c);
    memcpy(b->x, right.data(), sizeof(double) * n);
    cholmod_factor *l = cholmod_analyze(a, &c);
    cholmod_dense *x = nullptr, *y = nullptr, *e = nullptr;

    printf("{\"ready\":true}\n");
    fflush(stdout);
    char line[100];
    int repeats;
    while (fgets(line, sizeof line, stdin) && sscanf(line, "go %d", &repeats) == 1) {
        std::vector<double> times;
        for (int k = 0; k < repeats; k++) {
            const double before = cpuMs();
            cholmod_factorize(a, l, &c);
            cholmod_solve2(CHOLMOD_A, l, b, nullptr, &x, nullptr, &y, &e, &c);
            times.push_back(cpuMs() - before);
        }
        std::sort(times.begin(), times.end());
        double sum = 0;
        for (int i = 0; i < n; i++) sum += std::fabs(((double *)x->x)[i]);
        printf("{\"median\":%.6f,\"least\":%.6f,\"sum\":%.15g,\"supernodal\":%s,\"entries\":%.0f,\"ordering\":%d}\n", times[times.size() / 2], times[0],
               sum, l->is_super ? "true" : "false", c.lnz, c.method[c.selected].ordering);
        fflush(stdout);
    }
    return 0;
} catch (const char *message) {
    fprintf(stderr, "%s\n", message);
    return 1;
}
