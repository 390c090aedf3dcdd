/* Rows of a program, block by block: the code of `rows.h` for each width of vectors, and what all widths share. */

#include "native.h"

#define LIST(...) __VA_ARGS__
#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
#define SHUFFLE(x, y, ...) __builtin_shuffle(x, y, (MASK){__VA_ARGS__})
#endif

#if defined(__GNUC__)
#define WIDTH 2
#define NAME(name) name##_2
#else
#define WIDTH 1
#define NAME(name) name##_1
#endif
#include "rows.h"
#undef WIDTH
#undef NAME

#if defined(__GNUC__) && defined(__x86_64__)
#define WIDE 1
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#define WIDTH 4
#define NAME(name) name##_4
#include "rows.h"
#undef WIDTH
#undef NAME
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif
#define WIDTH 8
#define NAME(name) name##_8
#include "rows.h"
#undef WIDTH
#undef NAME
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

/* Return how this processor runs rows with vectors of this many numbers; 0 asks for the widest. NULL if it does not. */
const Width *width_of(int width) {
#if defined(WIDE)
    __builtin_cpu_init();
    if ((width == 8 || width == 0) && __builtin_cpu_supports("avx512f")) {
        return &width_8;
    }
    if ((width == 4 || width == 0) && __builtin_cpu_supports("avx2")) {
        return &width_4;
    }
#endif
#if defined(__GNUC__)
    return width == 2 || width == 0 ? &width_2 : NULL;
#else
    return width == 1 || width == 0 ? &width_1 : NULL;
#endif
}

/* Put the numbers of these rows into the blocks of the inputs; repeat the last row where the block is not full. */
void load_rows(Rows *self, const double *numbers, const int64_t *rows, int64_t start, int count) {
    for (int i = 0; i < self->width->block; i++) {
        int64_t at = start + (i < count ? i : count - 1);
        const double *row = numbers + (rows ? rows[at] : at) * self->inputs;
        for (int32_t slot = 0; slot < self->inputs; slot++) {
            self->blocks[(int64_t)self->places[slot] * self->width->block + i] = row[slot];
        }
    }
}

static double answered(const Guard *guard, double left, double right) {
    switch (guard->question) {
    case LESS: return left < right;
    case LESS_OR_EQUAL: return left <= right;
    case GREATER: return left > right;
    case GREATER_OR_EQUAL: return left >= right;
    case NOT_EQUAL: return left != right;
    }
    return left;
}

static int holds(const Guard *guard, double left, double right) {
    double answer = answered(guard, left, right);
    if (answer != guard->answer) {
        return isnan(answer) && isnan(guard->answer);
    }
    return answer != 0.0 || signbit(answer) == signbit(guard->answer);
}

static double number_in(const Rows *self, int64_t slot, int i) {
    int32_t place = self->places[slot];
    return place < 0 ? self->program->data[slot] : self->blocks[(int64_t)place * self->width->block + i];
}

int guard_holds(const Rows *self, const Guard *guard, int row) {
    return holds(guard, number_in(self, guard->left, row), number_in(self, guard->right, row));
}
