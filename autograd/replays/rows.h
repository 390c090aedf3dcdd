/* The steps of rows on a block of rows, for one width of vectors. `rows.c` includes this file once for each width.
 *
 * Before that it defines WIDTH, how many doubles a vector has, and NAME, which gives each function its own name. The
 * lanes of a vector are rows, so every row has the bits of a single run. Only in sums over the rows they are columns:
 * each sum is one lane, and the rows are added in their order.
 */

#if WIDTH > 1
typedef double NAME(Vector) __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
typedef int64_t NAME(Mask) __attribute__((vector_size(8 * WIDTH)));
#else
typedef double NAME(Vector);
#endif
#define VECTOR NAME(Vector)
#define MASK NAME(Mask)
#define VECTORS 6 /* in a block: their sums fit into the registers, and the blocks of a layer into the cache */
#define BLOCK (WIDTH * VECTORS)
#define EACH_VECTOR for (int v = 0; v < VECTORS; v++)
#define EACH_ROW for (int i = 0; i < BLOCK; i++)

static void NAME(apply)(int code, double *restrict z, const double *x, const double *y) {
    switch (code) {
#define UNARY(code, value, dx) case code: EACH_ROW z[i] = (value); break;
#define BINARY(code, value, dx, dy) case code: EACH_ROW z[i] = (value); break;
#define X x[i]
#define Y y[i]
#define Z z[i]
        OPERATIONS
#undef UNARY
#undef BINARY
    }
}

/* Write upstream times a local derivative; `side` is 0 for the left operand, 1 for the right. */
static void NAME(contribute)(
    int code, int side, double *restrict q, const double *u, const double *z, const double *x, const double *y
) {
    switch (2 * code + side) {
#define UNARY(code, value, dx) case 2 * code: EACH_ROW q[i] = u[i] * (dx); break;
#define BINARY(code, value, dx, dy) \
    case 2 * code: EACH_ROW q[i] = u[i] * (dx); break; \
    case 2 * code + 1: EACH_ROW q[i] = u[i] * (dy); break;
        OPERATIONS
#undef UNARY
#undef BINARY
#undef X
#undef Y
#undef Z
    }
}

/* Return the numbers at a place; a number that all rows share is written into `copies` first. */
INLINE const double *NAME(numbers)(const Rows *self, int32_t place, double *copies) {
    if (place >= 0) {
        return self->blocks + (int64_t)place * BLOCK;
    }
    double shared = self->program->data[~place];
    EACH_ROW copies[i] = shared;
    return copies;
}

/* Set, or with `add` increase, the totals by a product. */
INLINE void NAME(product)(const double *blocks, const double *shared, Pair pair, VECTOR *total, int add) {
    const VECTOR *x = (const VECTOR *)(blocks + (int64_t)pair.left * BLOCK);
    if (pair.right >= 0) {
        const VECTOR *y = (const VECTOR *)(blocks + (int64_t)pair.right * BLOCK);
        EACH_VECTOR total[v] = add ? total[v] + x[v] * y[v] : x[v] * y[v];
    } else if (pair.left >= 0) {
        double by = shared[~pair.right];
        EACH_VECTOR total[v] = add ? total[v] + x[v] * by : x[v] * by;
    } else {
        double number = shared[~pair.left] * shared[~pair.right];
        EACH_VECTOR total[v] = add ? total[v] + number : number - (VECTOR){0}; /* -0.0 stays */
    }
}

static void NAME(chain)(const Rows *self, const Step *step) {
    const double *blocks = self->blocks, *shared = self->program->data;
    const Pair *pair = self->pairs + step->x, *end = self->pairs + step->y;
    VECTOR total[VECTORS];
    NAME(product)(blocks, shared, *pair, total, 0);
    for (pair++; pair < end; pair++) {
        NAME(product)(blocks, shared, *pair, total, 1);
    }
    VECTOR *result = (VECTOR *)(self->blocks + (int64_t)step->result * BLOCK);
    EACH_VECTOR result[v] = total[v];
}

/* A chain of blocks times weights; it is most of the work of a layer. */
static void NAME(weigh)(const Rows *self, const Step *step) {
    double *blocks = self->blocks;
    const double *weights = self->weights + step->x;
    const int32_t *places = self->factors + step->z;
    VECTOR total[VECTORS], *result = (VECTOR *)(blocks + (int64_t)step->result * BLOCK);
    const VECTOR *x = (const VECTOR *)(blocks + (int64_t)places[0] * BLOCK);
    EACH_VECTOR total[v] = x[v] * weights[0];
    for (int64_t at = 1, count = step->y - step->x; at < count; at++) {
        double weight = weights[at];
        x = (const VECTOR *)(blocks + (int64_t)places[at] * BLOCK);
        EACH_VECTOR total[v] += x[v] * weight;
    }
    EACH_VECTOR result[v] = total[v];
}

/* Turn a square of numbers: its lines become columns, by exchanges in pairs of 1, then of 2, then of 4 lanes. */
INLINE void NAME(transpose)(VECTOR *lines) {
#define EXCHANGE(distance, low, high) \
    for (int line = 0; line < WIDTH; line++) { \
        if (!(line & distance)) { \
            VECTOR x = lines[line], y = lines[line + distance]; \
            lines[line] = SHUFFLE(x, y, LIST low); \
            lines[line + distance] = SHUFFLE(x, y, LIST high); \
        } \
    }
#if WIDTH == 2
    EXCHANGE(1, (0, 2), (1, 3))
#elif WIDTH == 4
    EXCHANGE(1, (0, 4, 2, 6), (1, 5, 3, 7))
    EXCHANGE(2, (0, 1, 4, 5), (2, 3, 6, 7))
#elif WIDTH == 8
    EXCHANGE(1, (0, 8, 2, 10, 4, 12, 6, 14), (1, 9, 3, 11, 5, 13, 7, 15))
    EXCHANGE(2, (0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15))
    EXCHANGE(4, (0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15))
#endif
#undef EXCHANGE
    (void)lines;
}

/* Write columns into their panel, which has a line for each row. */
static void NAME(turn)(const Rows *self, const Step *step) {
    int64_t stride = (step->y - step->x) / WIDTH;
    VECTOR *panel = (VECTOR *)(self->panels + (int64_t)step->x * BLOCK);
    for (int32_t first = step->x; first < step->y; first += WIDTH, panel++) {
        double copies[WIDTH][BLOCK];
        const double *columns[WIDTH];
        for (int lane = 0; lane < WIDTH; lane++) {
            columns[lane] = NAME(numbers)(self, self->columns[first + lane], copies[lane]);
        }
        for (int row = 0; row < BLOCK; row += WIDTH) {
            VECTOR lines[WIDTH];
            for (int lane = 0; lane < WIDTH; lane++) {
                lines[lane] = *(const VECTOR *)(columns[lane] + row);
            }
            NAME(transpose)(lines);
            for (int line = 0; line < WIDTH; line++) {
                panel[(row + line) * stride] = lines[line];
            }
        }
    }
}

/* Add the products of blocks and the panel to the sums, row by row: `lanes` vectors of sums for each of `units` blocks. */
INLINE void NAME(add_lanes)(
    const double *const *u, const double *panel, int64_t stride, double *sums, int count, int units, int lanes
) {
    VECTOR total[VECTORS];
    for (int unit = 0; unit < units; unit++) {
        for (int v = 0; v < lanes; v++) {
            total[unit * lanes + v] = ((const VECTOR *)(sums + unit * stride))[v];
        }
    }
    for (int i = 0; i < count; i++, panel += stride) {
        for (int unit = 0; unit < units; unit++) {
            for (int v = 0; v < lanes; v++) {
                total[unit * lanes + v] += ((const VECTOR *)panel)[v] * u[unit][i];
            }
        }
    }
    for (int unit = 0; unit < units; unit++) {
        for (int v = 0; v < lanes; v++) {
            ((VECTOR *)(sums + unit * stride))[v] = total[unit * lanes + v];
        }
    }
}

static void NAME(add_panel)(const Rows *self, const Step *step, int count) {
    const double *u = self->blocks + (int64_t)step->upstream * BLOCK, *panel = self->panels + (int64_t)step->x * BLOCK;
    double *sums = self->lanes + step->result;
    int64_t stride = step->y - step->x, left = stride / WIDTH;
    for (int64_t tiles = (left + VECTORS - 1) / VECTORS; tiles > 0; tiles--) {
        int64_t lanes = (left + tiles - 1) / tiles; /* tiles of about one size: a small one would wait for each sum */
        switch (lanes) {
        case 1: NAME(add_lanes)(&u, panel, stride, sums, count, 1, 1); break;
        case 2: NAME(add_lanes)(&u, panel, stride, sums, count, 1, 2); break;
        case 3: NAME(add_lanes)(&u, panel, stride, sums, count, 1, 3); break;
        case 4: NAME(add_lanes)(&u, panel, stride, sums, count, 1, 4); break;
        case 5: NAME(add_lanes)(&u, panel, stride, sums, count, 1, 5); break;
        default: NAME(add_lanes)(&u, panel, stride, sums, count, 1, VECTORS);
        }
        left -= lanes;
        panel += lanes * WIDTH;
        sums += lanes * WIDTH;
    }
}

static void NAME(add_panels)(const Rows *self, const Step *step, int count) {
    const double *u[VECTORS], *panel = self->panels + (int64_t)step->x * BLOCK;
    double *sums = self->lanes + step->result;
    int64_t stride = step->y - step->x;
    for (int unit = 0; unit < VECTORS * WIDTH / stride; unit++) {
        u[unit] = self->blocks + (int64_t)self->factors[step->upstream + unit] * BLOCK;
    }
    switch (stride / WIDTH) {
    case 1: NAME(add_lanes)(u, panel, stride, sums, count, VECTORS, 1); break;
    case 2: NAME(add_lanes)(u, panel, stride, sums, count, VECTORS / 2, 2); break;
    case 3: NAME(add_lanes)(u, panel, stride, sums, count, VECTORS / 3, 3); break;
    }
}

static void NAME(operate)(const Rows *self, const Step *step) {
    double left[BLOCK], right[BLOCK], own[BLOCK];
    double *result = self->blocks + (int64_t)step->result * BLOCK;
    const double *x = NAME(numbers)(self, step->x, left), *y = x;
    if (step->y != step->x) {
        y = NAME(numbers)(self, step->y, right);
    }
    if (step->side < 0) {
        NAME(apply)(step->code, result, x, y);
    } else {
        const double *u = self->blocks + (int64_t)step->upstream * BLOCK;
        NAME(contribute)(step->code, step->side, result, u, NAME(numbers)(self, step->z, own), x, y);
    }
}

/* Take these steps; the sums get the first `count` rows of the block. */
static void NAME(run)(const Rows *self, const Step *step, const Step *end, int count) {
    for (; step < end; step++) {
        switch (step->code) {
        case CHAIN: NAME(chain)(self, step); break;
        case WEIGH: NAME(weigh)(self, step); break;
        case TURN: NAME(turn)(self, step); break;
        case PANEL: NAME(add_panel)(self, step, count); break;
        case PANELS: NAME(add_panels)(self, step, count); break;
        default: NAME(operate)(self, step);
        }
    }
}

static const Width NAME(width) = {WIDTH, BLOCK, NAME(run)};

#undef VECTOR
#undef MASK
#undef VECTORS
#undef BLOCK
#undef EACH_VECTOR
#undef EACH_ROW
