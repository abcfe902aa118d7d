/* int8 products and LSTM cells for decoding on a CPU: what nmt/runtime/cpu.py calls. Pointers come as integers from tensors
   that the caller keeps alive and contiguous; nothing is kept here between calls, and every call releases the lock of the
   interpreter. Plans and calls are structs of int64 fields, filled by nmt/runtime/kernels.py. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

enum { ROWS = 6, ROW_BYTES = 64, TILE = 64, TILE_BYTES = 256, PARTS = 3, TANH = 1, RELU = 2 };

/* A matrix: tiles of 64 outputs as uint8 (128 added), [tile][k / 4][4][16][4]; scale and bias of each output, in tiles too.
   Of lists of tokens the matrix lies row by row, each padded to a multiple of 64 bytes. */
struct plan {
    const uint8_t *weights;
    const float *scale, *bias;
    int64_t tiles, outputs, activation, widths[PARTS]; /* the input is [first | second | third] */
};

/* Rows of up to three parts; an index, where there is one, says which row of its part comes at each place. */
struct inputs {
    const float *values[PARTS];
    const int64_t *index[PARTS];
};

struct quantised {
    int8_t *values;
    float *scales;
    int32_t *offsets;
    int64_t *rows;
    int64_t stride;
};

struct sequence {
    int64_t batch, steps;
    const int64_t *lengths;
    const float *gates;
    int64_t backward;
    float *out;
    int64_t out_stride;
};

enum { LSTM, SSRU, FEED_FORWARD };

/* A layer of a decoder; norm is its layer normalisation's [weight | bias | epsilon], where it has one. */
struct layer {
    const struct plan *plan;
    int64_t kind;
    const float *norm;
};

/* A decoder of `recurrent` layers and, above them, those up to `count`; query and vector are NULL where it has none. */
struct decoder {
    const float *embedding;
    const struct layer *layers;
    int64_t recurrent, count, units, residual, feeding;
    const struct plan *readout, *query;
    const float *vector;
    int64_t heads, scaled;
};

/* What a decoder attends to: keys (M, S, A) and values (M, S, C) of M sentences of up to S = steps tokens. */
struct memory {
    const float *keys, *values;
    const int64_t *lengths;
    int64_t steps, key_size, value_size;
};

/* A step of N = batch * beam hypotheses. State before, of rows `rows[n]` of `count`, and after: of each recurrent layer the
   hidden state and the cell, (N, H) each, then the readout (N, E). */
struct step {
    const struct decoder *decoder;
    const struct memory *memory;
    int64_t batch, beam;
    const int64_t *sentences, *tokens, *rows; /* which sentence of the memory each of the batch is */
    int64_t count;
    const float *before;
    float *after, *weights; /* weights are the attention, (N, S) */
};

/* The output matrix: that of all tokens, or, with lists, the rows that sentence m's `outputs` tokens name; scale and bias of
   list m lie at m times their number. */
struct output {
    const struct plan *plan;
    int64_t batch, beam;
    const int64_t *sentences, *lists;
    const float *readout;
};

/* What is looked for: of each sentence the `count` best continuations of hypotheses with `scores`. */
struct ranking {
    const float *scores;    /* (N,), or NULL where all are 0 */
    const uint8_t *forced;  /* (batch,): only the token `first` may follow; or NULL */
    int64_t first, count;   /* tokens before `first` never come */
    float *best;            /* (batch, count) */
    int64_t *rows, *tokens; /* (batch, count) each */
};

static inline int64_t width_of(const struct plan *plan) { return plan->widths[0] + plan->widths[1] + plan->widths[2]; }

/* Bytes of a quantised row of the plan's inputs. */
static inline int64_t bytes_of(const struct plan *plan) { return (width_of(plan) + ROW_BYTES - 1) / ROW_BYTES * ROW_BYTES; }

/* Vectors of 16, which the compiler makes of what registers there are. */
enum { LANES = 16 };
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef int32_t integers __attribute__((vector_size(4 * LANES)));
#define INLINE inline __attribute__((always_inline))
#define all_of(value) ((floats){0} + (value))

static INLINE floats load(const float *x) {
    floats y;
    memcpy(&y, x, sizeof y);
    return y;
}

static INLINE void store(float *x, floats y) { memcpy(x, &y, sizeof y); }

/* Of each place, a where the comparison holds, else b. */
static INLINE floats either(integers holds, floats a, floats b) {
    return (floats)(((integers)a & holds) | ((integers)b & ~holds));
}

/* The first `count` of x, the rest `fill`. */
static INLINE floats load_part(const float *x, int64_t count, float fill) {
    if (count >= LANES) return load(x);
    floats y = all_of(fill);
    for (int64_t i = 0; i < count; i++) y[i] = x[i];
    return y;
}

static INLINE void store_part(float *x, floats y, int64_t count) {
    if (count >= LANES) {
        store(x, y);
        return;
    }
    for (int64_t i = 0; i < count; i++) x[i] = y[i];
}

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(x) JOIN(x, SUFFIX)

#if defined(__x86_64__) && defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,prefer-vector-width=512")
#define SUFFIX _vnni512
#define BLOCK 6
#define HAVE_VNNI_512
#include "body.h"
#include "decode.h"
#undef HAVE_VNNI_512
#undef SUFFIX
#undef BLOCK
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma,avxvnni")
#define SUFFIX _vnni256
#define BLOCK 6
#define HAVE_VNNI_256
#include "body.h"
#include "decode.h"
#undef HAVE_VNNI_256
#undef SUFFIX
#undef BLOCK
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define SUFFIX _avx2
#define BLOCK 4
#define HAVE_AVX2
#include "body.h"
#include "decode.h"
#undef HAVE_AVX2
#undef SUFFIX
#undef BLOCK
#pragma GCC pop_options
#endif
#define SUFFIX _portable
#define BLOCK 6
#include "body.h"
#include "decode.h"
#undef SUFFIX
#undef BLOCK

struct functions {
    const char *name;
    void (*linear)(const struct plan *, int64_t, const struct inputs *, struct quantised *, float *);
    void (*lstm_sequence)(const struct plan *, const struct sequence *, struct quantised *, float *);
    void (*decode)(const struct step *, struct quantised *, float *);
    void (*log_probabilities)(const struct output *, struct quantised *, float *);
    void (*best)(const struct output *, const struct ranking *, struct quantised *, float *);
};

#define FUNCTIONS(suffix) \
    {#suffix + 1, linear##suffix, lstm_sequence##suffix, decode##suffix, log_probabilities##suffix, best##suffix}

static const struct functions all[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    FUNCTIONS(_vnni512), FUNCTIONS(_vnni256), FUNCTIONS(_avx2),
#endif
    FUNCTIONS(_portable)};
enum { KINDS = sizeof all / sizeof *all };

static const struct functions *chosen;

static int runs_here(const struct functions *kind) {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (!strcmp(kind->name, "vnni512"))
        return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (!strcmp(kind->name, "vnni256")) {
        unsigned a = 7, b = 0, c = 1, d = 0; /* leaf 7.1, EAX bit 4: AVX-VNNI, which older compilers cannot be asked about */
        if (!__builtin_cpu_supports("avx2")) return 0;
        __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
        return (a >> 4) & 1;
    }
    if (!strcmp(kind->name, "avx2")) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return 1;
}

/* Room for `rows` quantised rows of up to `bytes`, and for `floats` floats beside them; NULL `rows` in it is no memory. */
static struct quantised room(int64_t bytes, int64_t rows, int64_t floats, float **beside) {
    struct quantised q = {0};
    size_t own = sizeof *q.scales + sizeof *q.offsets + sizeof *q.rows + bytes;
    char *memory = malloc((size_t)rows * own + (size_t)floats * sizeof **beside + ROW_BYTES);
    if (memory) {
        q.rows = (int64_t *)memory;
        q.scales = (float *)(q.rows + rows);
        q.offsets = (int32_t *)(q.scales + rows);
        *beside = (float *)(q.offsets + rows);
        q.values = (int8_t *)(*beside + floats);
    }
    return q;
}

/* The arguments as int64; sets an exception and returns 0 where they are not `count` integers. */
static int read_integers(PyObject *const *arguments, Py_ssize_t given, int64_t *values, Py_ssize_t count) {
    if (given != count) {
        PyErr_Format(PyExc_TypeError, "expected %zd integers, got %zd", count, given);
        return 0;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        values[i] = PyLong_AsLongLong(arguments[i]);
        if (values[i] == -1 && PyErr_Occurred()) return 0;
    }
    return 1;
}

#define POINTER(type, value) ((type *)(intptr_t)(value))
#define ARGUMENTS(count) \
    int64_t v[count];    \
    (void)module;        \
    if (!read_integers(arguments, given, v, count)) return NULL;

static struct inputs read_inputs(const int64_t *v) {
    struct inputs in;
    for (int part = 0; part < PARTS; part++) {
        in.values[part] = POINTER(const float, v[2 * part]);
        in.index[part] = POINTER(const int64_t, v[2 * part + 1]);
    }
    return in;
}

/* Runs `call` on room `q` and `floats`, as `room` takes them, without the interpreter's lock. */
#define RUN(bytes, count, size, call)                       \
    float *floats = NULL;                                   \
    int enough;                                             \
    Py_BEGIN_ALLOW_THREADS                                  \
    struct quantised q = room(bytes, count, size, &floats); \
    enough = q.rows != NULL;                                \
    if (enough) call;                                       \
    free(q.rows);                                           \
    Py_END_ALLOW_THREADS                                    \
    if (!enough) return PyErr_NoMemory();                   \
    Py_RETURN_NONE;

static PyObject *py_linear(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(9) /* plan, rows, (values, index) x 3, out */
    const struct plan *plan = POINTER(const struct plan, v[0]);
    struct inputs in = read_inputs(v + 2);
    RUN(bytes_of(plan), v[1], 0, chosen->linear(plan, v[1], &in, &q, POINTER(float, v[8])))
}

static PyObject *py_lstm_sequence(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(8) /* plan, batch, steps, lengths, gates, backward, out, out stride */
    const struct plan *plan = POINTER(const struct plan, v[0]);
    struct sequence seq = {.batch = v[1], .steps = v[2], .lengths = POINTER(const int64_t, v[3]),
                           .gates = POINTER(const float, v[4]), .backward = v[5], .out = POINTER(float, v[6]),
                           .out_stride = v[7]};
    RUN(bytes_of(plan), seq.batch, seq.batch * 16 * plan->tiles * 3, chosen->lstm_sequence(plan, &seq, &q, floats))
}

static PyObject *py_decode(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(11) /* the fields of struct step */
    struct step s = {.decoder = POINTER(const struct decoder, v[0]), .memory = POINTER(const struct memory, v[1]),
                     .batch = v[2], .beam = v[3], .sentences = POINTER(const int64_t, v[4]),
                     .tokens = POINTER(const int64_t, v[5]), .rows = POINTER(const int64_t, v[6]), .count = v[7],
                     .before = POINTER(const float, v[8]), .after = POINTER(float, v[9]), .weights = POINTER(float, v[10])};
    const struct decoder *d = s.decoder;
    int64_t rows = s.batch * s.beam, bytes = bytes_of(d->readout);
    for (int64_t i = 0; i < d->count; i++)
        if (bytes_of(d->layers[i].plan) > bytes) bytes = bytes_of(d->layers[i].plan);
    RUN(bytes, rows, rows * (4 * d->units + s.memory->key_size + s.memory->value_size) + s.memory->steps,
        chosen->decode(&s, &q, floats))
}

static struct output read_output(const int64_t *v) {
    struct output o = {.plan = POINTER(const struct plan, v[0]), .lists = POINTER(const int64_t, v[1]), .batch = v[2],
                       .beam = v[3], .sentences = POINTER(const int64_t, v[4]), .readout = POINTER(const float, v[5])};
    return o;
}

static PyObject *py_log_probabilities(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(7) /* plan, lists, batch, beam, sentences, readout, out */
    struct output o = read_output(v);
    RUN(bytes_of(o.plan), o.batch * o.beam, 0, chosen->log_probabilities(&o, &q, POINTER(float, v[6])))
}

static PyObject *py_best(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(13) /* as log_probabilities but for out, then the fields of struct ranking */
    struct output o = read_output(v);
    struct ranking r = {.scores = POINTER(const float, v[6]), .forced = POINTER(const uint8_t, v[7]), .first = v[8],
                        .count = v[9], .best = POINTER(float, v[10]), .rows = POINTER(int64_t, v[11]),
                        .tokens = POINTER(int64_t, v[12])};
    RUN(bytes_of(o.plan), o.batch * o.beam, (o.lists ? 1 : o.batch) * o.beam * o.plan->outputs,
        chosen->best(&o, &r, &q, floats))
}

static PyObject *py_names(PyObject *module, PyObject *none) {
    (void)module, (void)none;
    PyObject *names = PyList_New(0);
    for (int i = 0; names && i < KINDS; i++) {
        if (!runs_here(all + i)) continue;
        PyObject *name = PyUnicode_FromString(all[i].name);
        if (!name || PyList_Append(names, name)) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

static PyObject *py_choose(PyObject *module, PyObject *name) {
    (void)module;
    for (int i = 0; i < KINDS; i++) {
        PyObject *own = PyUnicode_FromString(all[i].name);
        int same = own ? PyUnicode_Compare(own, name) == 0 : 0;
        Py_XDECREF(own);
        if (PyErr_Occurred()) return NULL;
        if (same && runs_here(all + i)) {
            chosen = all + i;
            Py_RETURN_NONE;
        }
    }
    PyErr_SetString(PyExc_ValueError, "this instruction set is not here");
    return NULL;
}

#define METHOD(name) {#name, (PyCFunction)(void (*)(void))py_##name, METH_FASTCALL, NULL}
static PyMethodDef methods[] = {METHOD(linear), METHOD(lstm_sequence), METHOD(decode), METHOD(log_probabilities),
                                METHOD(best),
                                {"names", py_names, METH_NOARGS, NULL}, {"choose", py_choose, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_kernel", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit__kernel(void) {
    for (int i = KINDS - 1; i >= 0; i--)
        if (runs_here(all + i)) chosen = all + i;
    return PyModule_Create(&definition);
}
