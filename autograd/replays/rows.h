/* The steps of rows on a block of rows, for one width of vectors. `rows.c` includes this file once for each width.
 *
 * Before that it defines WIDTH, how many doubles a vector has, and NAME, which gives each function its own name. The
 * lanes of a vector are rows, so every row has the bits of a single run. Only in sums over the rows they are columns:
 * each sum is one lane, and the rows are added in their order.
 */

#if WIDTH > 1
typedef double NAME(Vector) __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
#else
typedef double NAME(Vector);
#endif
#define VECTOR NAME(Vector)
#define VECTORS 8 /* in a block: their sums fit into the registers */
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

/* Write columns into their panel, which has a line for each row. */
static void NAME(turn)(const Rows *self, const Step *step) {
    int64_t stride = (step->y - step->x) / WIDTH;
    for (int32_t first = step->x; first < step->y; first += WIDTH) {
        VECTOR *panel = (VECTOR *)(self->panels + (int64_t)step->x * BLOCK) + (first - step->x) / WIDTH;
        double copies[WIDTH][BLOCK];
        const double *columns[WIDTH];
        for (int lane = 0; lane < WIDTH; lane++) {
            columns[lane] = NAME(numbers)(self, self->columns[first + lane], copies[lane]);
        }
        for (int i = 0; i < BLOCK; i++, panel += stride) {
            for (int lane = 0; lane < WIDTH; lane++) {
                ((double *)panel)[lane] = columns[lane][i];
            }
        }
    }
}

/* Add the product of a block and the panel to `lanes` vectors of sums, row by row. */
INLINE void NAME(add_lanes)(const double *u, const double *panel, int64_t stride, double *sums, int count, int lanes) {
    VECTOR total[VECTORS];
    for (int v = 0; v < lanes; v++) {
        total[v] = ((const VECTOR *)sums)[v];
    }
    for (int i = 0; i < count; i++, panel += stride) {
        for (int v = 0; v < lanes; v++) {
            total[v] += ((const VECTOR *)panel)[v] * u[i];
        }
    }
    for (int v = 0; v < lanes; v++) {
        ((VECTOR *)sums)[v] = total[v];
    }
}

static void NAME(add_panel)(const Rows *self, const Step *step, int count) {
    double copies[BLOCK];
    const double *u = NAME(numbers)(self, step->upstream, copies), *panel = self->panels + (int64_t)step->x * BLOCK;
    double *sums = self->lanes + step->result;
    int64_t stride = step->y - step->x, left = stride / WIDTH;
    for (int64_t tiles = (left + VECTORS - 1) / VECTORS; tiles > 0; tiles--) {
        int64_t lanes = (left + tiles - 1) / tiles; /* tiles of about one size: a small one would wait for each sum */
        switch (lanes) {
        case 1: NAME(add_lanes)(u, panel, stride, sums, count, 1); break;
        case 2: NAME(add_lanes)(u, panel, stride, sums, count, 2); break;
        case 3: NAME(add_lanes)(u, panel, stride, sums, count, 3); break;
        case 4: NAME(add_lanes)(u, panel, stride, sums, count, 4); break;
        case 5: NAME(add_lanes)(u, panel, stride, sums, count, 5); break;
        case 6: NAME(add_lanes)(u, panel, stride, sums, count, 6); break;
        case 7: NAME(add_lanes)(u, panel, stride, sums, count, 7); break;
        default: NAME(add_lanes)(u, panel, stride, sums, count, VECTORS);
        }
        left -= lanes;
        panel += lanes * WIDTH;
        sums += lanes * WIDTH;
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
        case TURN: NAME(turn)(self, step); break;
        case PANEL: NAME(add_panel)(self, step, count); break;
        default: NAME(operate)(self, step);
        }
    }
}

static const Width NAME(width) = {WIDTH, BLOCK, NAME(run)};

#undef VECTOR
#undef VECTORS
#undef BLOCK
#undef EACH_VECTOR
#undef EACH_ROW
