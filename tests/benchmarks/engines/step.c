/* The network 2-16-16-1 by hand: loss and gradients over a batch of rows, and the update. No dependencies.

   Parameters and gradients stand layer by layer and unit by unit: its weights, then its bias. */

enum { INPUTS = 2, HIDDEN = 16 };
enum { FIRST = 0, SECOND = FIRST + HIDDEN * (INPUTS + 1), LAST = SECOND + HIDDEN * (HIDDEN + 1) };
enum { PARAMETERS = LAST + HIDDEN + 1 };

static inline double relu(double x) { return x > 0 ? x : 0; }

static inline double unit(const double *parameters, int inputs, const double *x) {
    double sum = parameters[inputs];
    for (int i = 0; i < inputs; i++)
        sum += parameters[i] * x[i];
    return sum;
}

/* Add a unit's gradients, given that of its sum, and add what flows on to its inputs. */
static inline void unit_back(const double *parameters, double *gradients, int inputs, const double *x, double *dx,
                             double dsum) {
    for (int i = 0; i < inputs; i++) {
        gradients[i] += dsum * x[i];
        dx[i] += dsum * parameters[i];
    }
    gradients[inputs] += dsum;
}

static double row(const double *x, double target, double scale, const double *p, double *g) {
    double first[HIDDEN], second[HIDDEN], dx[INPUTS] = {0}, dfirst[HIDDEN] = {0}, dsecond[HIDDEN] = {0};
    for (int j = 0; j < HIDDEN; j++)
        first[j] = relu(unit(p + FIRST + j * (INPUTS + 1), INPUTS, x));
    for (int j = 0; j < HIDDEN; j++)
        second[j] = relu(unit(p + SECOND + j * (HIDDEN + 1), HIDDEN, first));
    double loss = relu(1 - target * unit(p + LAST, HIDDEN, second));

    double dscore = loss > 0 ? -target * scale : 0;
    unit_back(p + LAST, g + LAST, HIDDEN, second, dsecond, dscore);
    for (int j = 0; j < HIDDEN; j++) {
        int at = SECOND + j * (HIDDEN + 1);
        unit_back(p + at, g + at, HIDDEN, first, dfirst, second[j] > 0 ? dsecond[j] : 0);
    }
    for (int j = 0; j < HIDDEN; j++) {
        int at = FIRST + j * (INPUTS + 1);
        unit_back(p + at, g + at, INPUTS, x, dx, first[j] > 0 ? dfirst[j] : 0);
    }
    return loss;
}

double evaluate(int rows, const double *inputs, const double *targets, double scale, double decay, const double *p,
                double *g) {
    double loss = 0, squares = 0;
    for (int i = 0; i < PARAMETERS; i++) {
        squares += p[i] * p[i];
        g[i] = 2 * decay * p[i];
    }
    for (int r = 0; r < rows; r++)
        loss += row(inputs + r * INPUTS, targets[r], scale, p, g);
    return loss * scale + decay * squares;
}

void update(double *p, const double *g, double rate) {
    for (int i = 0; i < PARAMETERS; i++)
        p[i] -= rate * g[i];
}
