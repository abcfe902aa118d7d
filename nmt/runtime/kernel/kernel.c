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

enum { ROWS = 6, TILE = 64, TILE_BYTES = 256, PARTS = 3, TANH = 1, RELU = 2 };

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

struct attention {
    int64_t batch, beam, steps, key_size, value_size, heads;
    const int64_t *sentences, *lengths; /* which sentence of the memory each of the batch is, or NULL */
    const float *keys, *values, *query, *vector;
    float *context, *weights;
    float scale;
};

struct lists {
    int64_t batch, beam;
    const int64_t *sentences, *tokens;
    float *out;
};

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
#undef HAVE_AVX2
#undef SUFFIX
#undef BLOCK
#pragma GCC pop_options
#endif
#define SUFFIX _portable
#define BLOCK 6
#include "body.h"
#undef SUFFIX
#undef BLOCK

struct functions {
    const char *name;
    void (*linear)(const struct plan *, int64_t, const struct inputs *, struct quantised *, float *);
    void (*lstm)(const struct plan *, int64_t, const struct inputs *, struct quantised *, const float *, const int64_t *,
                 float *, float *);
    void (*lstm_sequence)(const struct plan *, const struct sequence *, struct quantised *, float *);
    void (*attend)(const struct attention *, float *);
    void (*list_scores)(const struct plan *, const struct lists *, const struct inputs *, struct quantised *);
    void (*log_softmax)(float *, int64_t);
};

#define FUNCTIONS(suffix) \
    {#suffix + 1, linear##suffix, lstm##suffix, lstm_sequence##suffix, attend##suffix, list_scores##suffix, log_softmax##suffix}

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

/* Room for `rows` quantised rows, each a multiple of `unit` bytes; `rows` in it is NULL where there is no memory. */
static struct quantised room(const struct plan *plan, int64_t rows, int64_t unit) {
    int64_t size = (plan->widths[0] + plan->widths[1] + plan->widths[2] + unit - 1) / unit * unit;
    struct quantised q = {.stride = size};
    size_t bytes = (size_t)rows * (size + sizeof *q.scales + sizeof *q.offsets + sizeof *q.rows) + 64;
    char *memory = malloc(bytes);
    if (memory) {
        q.rows = (int64_t *)memory;
        q.scales = (float *)(q.rows + rows);
        q.offsets = (int32_t *)(q.scales + rows);
        q.values = (int8_t *)(q.offsets + rows);
    }
    return q;
}

static void release(struct quantised *q) { free(q->rows); }

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

/* Runs `call` on room `q` for `count` rows of `plan`, without the interpreter's lock. */
#define RUN(plan, count, unit, call)             \
    int enough;                                  \
    Py_BEGIN_ALLOW_THREADS                       \
    struct quantised q = room(plan, count, unit); \
    enough = q.rows != NULL;                     \
    if (enough) call;                            \
    release(&q);                                 \
    Py_END_ALLOW_THREADS                         \
    if (!enough) return PyErr_NoMemory();        \
    Py_RETURN_NONE;

static PyObject *py_linear(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(9) /* plan, rows, (values, index) x 3, out */
    const struct plan *plan = POINTER(const struct plan, v[0]);
    struct inputs in = read_inputs(v + 2);
    RUN(plan, v[1], 4, chosen->linear(plan, v[1], &in, &q, POINTER(float, v[8])))
}

static PyObject *py_lstm(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(12) /* plan, rows, (values, index) x 3, cell before, its index, hidden, cell */
    const struct plan *plan = POINTER(const struct plan, v[0]);
    struct inputs in = read_inputs(v + 2);
    RUN(plan, v[1], 4, chosen->lstm(plan, v[1], &in, &q, POINTER(const float, v[8]), POINTER(const int64_t, v[9]),
                                 POINTER(float, v[10]), POINTER(float, v[11])))
}

static PyObject *py_lstm_sequence(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(8) /* plan, batch, steps, lengths, gates, backward, out, out stride */
    const struct plan *plan = POINTER(const struct plan, v[0]);
    struct sequence seq = {.batch = v[1], .steps = v[2], .lengths = POINTER(const int64_t, v[3]),
                           .gates = POINTER(const float, v[4]), .backward = v[5], .out = POINTER(float, v[6]),
                           .out_stride = v[7]};
    float *state = malloc((size_t)seq.batch * 16 * plan->tiles * 3 * sizeof *state);
    if (!state) return PyErr_NoMemory();
    int enough;
    Py_BEGIN_ALLOW_THREADS
    struct quantised q = room(plan, seq.batch, 4);
    enough = q.rows != NULL;
    if (enough) chosen->lstm_sequence(plan, &seq, &q, state);
    release(&q);
    Py_END_ALLOW_THREADS
    free(state);
    if (!enough) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyObject *py_attend(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    /* batch, beam, steps, key size, value size, heads, scaled, sentences, lengths, keys, values, query, vector, context, weights */
    ARGUMENTS(15)
    struct attention a = {.batch = v[0], .beam = v[1], .steps = v[2], .key_size = v[3], .value_size = v[4], .heads = v[5],
                          .sentences = POINTER(const int64_t, v[7]), .lengths = POINTER(const int64_t, v[8]),
                          .keys = POINTER(const float, v[9]), .values = POINTER(const float, v[10]),
                          .query = POINTER(const float, v[11]), .vector = POINTER(const float, v[12]),
                          .context = POINTER(float, v[13]), .weights = POINTER(float, v[14])};
    a.scale = v[6] ? 1.0f / sqrtf((float)(a.key_size / a.heads)) : 1.0f;
    float *scores = malloc((size_t)a.steps * sizeof *scores);
    if (!scores) return PyErr_NoMemory();
    Py_BEGIN_ALLOW_THREADS
    chosen->attend(&a, scores);
    Py_END_ALLOW_THREADS
    free(scores);
    Py_RETURN_NONE;
}

static PyObject *py_list_scores(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(7) /* plan, batch, beam, sentences, tokens, values, out */
    const struct plan *plan = POINTER(const struct plan, v[0]);
    struct lists l = {.batch = v[1], .beam = v[2], .sentences = POINTER(const int64_t, v[3]),
                      .tokens = POINTER(const int64_t, v[4]), .out = POINTER(float, v[6])};
    struct inputs in = {.values = {POINTER(const float, v[5])}};
    RUN(plan, l.batch * l.beam, 64, chosen->list_scores(plan, &l, &in, &q))
}

static PyObject *py_log_softmax(PyObject *module, PyObject *const *arguments, Py_ssize_t given) {
    ARGUMENTS(3) /* rows, columns, values */
    float *x = POINTER(float, v[2]);
    Py_BEGIN_ALLOW_THREADS
    for (int64_t row = 0; row < v[0]; row++) chosen->log_softmax(x + row * v[1], v[1]);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
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
static PyMethodDef methods[] = {METHOD(linear), METHOD(lstm), METHOD(lstm_sequence), METHOD(attend), METHOD(list_scores),
                                METHOD(log_softmax),
                                {"names", py_names, METH_NOARGS, NULL}, {"choose", py_choose, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_kernel", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit__kernel(void) {
    for (int i = KINDS - 1; i >= 0; i--)
        if (runs_here(all + i)) chosen = all + i;
    return PyModule_Create(&definition);
}
