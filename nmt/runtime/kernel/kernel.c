/* Translation on a CPU in int8: products, cells, a decoder's step, and whole searches, called by nmt/runtime/kernels.py.
   Pointers come as integers from tensors that the caller keeps alive and contiguous; nothing is kept here between calls, and
   every call releases the lock of the interpreter. The caller fills structs of 8-byte fields in its own memory, or gives
   them as keywords: both by the names in the tables `..._fields`, never by order alone. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Instruction sets beside the portable one. Clang has those of all functions alike, which the compiler's options name: on a
   Mac, dot products. With X86_IN_C tests give the instructions of x86 as functions, which any processor runs. */
#if defined(X86_IN_C)
#define FOR_X86
#define FOR_AMX
#elif defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_X86
#if defined(__linux__) && __GNUC__ >= 12
#define FOR_AMX
#endif
#elif defined(__aarch64__) && defined(__GNUC__)
#define FOR_ARM
#if !defined(__clang__) || defined(__ARM_FEATURE_MATMUL_INT8)
#define FOR_I8MM
#endif
#if !defined(__clang__) || defined(__ARM_FEATURE_DOTPROD)
#define FOR_DOTPROD
#endif
#endif

#if defined(X86_IN_C)
#define TARGET(names)
#define TARGET_END
#else
#define PRAGMA(words) _Pragma(#words)
#define TARGET(names) PRAGMA(GCC push_options) PRAGMA(GCC target(names))
#define TARGET_END PRAGMA(GCC pop_options)
#if defined(FOR_X86)
#include <immintrin.h>
#elif defined(FOR_ARM)
#include <arm_neon.h>
#if defined(__linux__) && __GNUC__ >= 12
#include <sys/auxv.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif
#endif
#if defined(FOR_AMX)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

/* Rows that are multiplied at once: those that keep their sums in vector registers, and the most of any instruction set. */
enum { ROWS = 6, MOST_ROWS = 32 };
enum { ROW_BYTES = 64, TILE = 64, TILE_BYTES = 256, PARTS = 3, TANH = 1, RELU = 2 };

/* A matrix: tiles of 64 outputs as uint8 (128 added), [tile][k / 4][4][16][4], where a row of k inputs is padded to a multiple
   of 64 bytes; scale and bias of each output, in tiles too. Of lists of tokens the matrix lies row by row, each padded to a multiple of 64 bytes. */
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
    const struct plan *plan;
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

/* A product: `rows` rows of input into out (rows, outputs). */
struct product {
    const struct plan *plan;
    int64_t rows;
    struct inputs inputs;
    float *out;
};

/* A decoder of `recurrent` layers and, above them, those up to `count`; query and vector are NULL where it has none. */
struct decoder {
    const float *embedding;
    const struct layer *layers;
    int64_t recurrent, count, units, residual, feeding;
    const struct plan *readout, *query;
    const float *vector;
    int64_t heads; /* 0: one, whose products are not scaled */
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
   list m lie at m times their number. Only the first counts[m] of a list are real; `best` reads no others. */
struct output {
    const struct plan *plan;
    int64_t batch, beam;
    const int64_t *sentences, *lists, *counts;
    const float *readout;
    float *out; /* (N, outputs), or NULL where only the best are asked for */
};

/* What is looked for: of each sentence the `count` best continuations of hypotheses with `scores`. */
struct ranking {
    const float *scores;    /* (N,), or NULL where all are 0 */
    const int64_t *only;    /* (batch,): the only token that may follow, in the column of its number, or 0 for any; or NULL */
    int64_t first, count;   /* tokens before `first` never come */
    float *best;            /* (batch, count) */
    int64_t *rows, *tokens; /* (batch, count) each */
};

/* Source tokens (B, S) of sentences of these lengths. */
struct source {
    int64_t batch, steps;
    const int64_t *tokens, *lengths;
};

/* A layer of an encoder: products with its inputs and with its state, for each direction; backward ones may be NULL. */
struct encoder_layer {
    const struct plan *inputs, *recurrent, *backward_inputs, *backward_recurrent;
};

/* With `residual` the input of each layer but the first is added to its output. The summary of a sentence is the mean of its
   states, or the top layer's last output. */
struct encoder {
    const float *embedding;
    const struct encoder_layer *layers;
    int64_t count, residual, mean;
};

/* For each source token its most probable translations, `translation_count` ids, and ids that are in every list; an id takes
   `id_size` bytes, 2 or 4. The plan's weights are the output matrix row by row, to which scale and bias belong, (V,). */
struct shortlist {
    const struct plan *plan;
    const float *scale, *bias;
    const void *common, *translations;
    int64_t common_count, translation_count, id_size, vocabulary;
};

/* All of a network. Keys and values without a matrix are the encoder's states; a state without one begins with zeros. */
struct network {
    const struct encoder *encoder;
    const struct plan *keys, *values, *initial;
    const struct decoder *decoder;
    const struct plan *output;
    const struct shortlist *shortlist; /* or NULL */
};

/* The start of step-by-step decoding: states (B, S, H), keys and values where there are matrices for them, and the state. */
struct beginning {
    const struct network *network;
    struct source source;
    float *states, *keys, *values, *state;
};

/* Phrases of B sentences: those of sentence b are numbers first[b] up to first[b + 1], and the tokens of phrase p are at
   starts[p] up to starts[p + 1]; all NULL where there is none. */
struct phrases {
    const int64_t *first, *starts, *tokens;
};

/* A search. A hypothesis of t tokens, END included, has its log-probability divided by divisors[t]; `limits` (B,) are the
   most tokens of each sentence, `minimums` (B,) or NULL the fewest, END not included. Greedy search has one hypothesis. */
struct search {
    const struct network *network;
    struct source source;
    const int64_t *limits, *minimums;
    const double *divisors, *coverage_penalty; /* the penalty's factor is one number, or NULL */
    int64_t greedy, beam, n_best, attention, begin, end;
    int64_t no_repeat_ngram, max_repeats; /* 0 bans nothing */
    struct phrases prefix, forbidden, required; /* a prefix is a sentence's only phrase, and bans do not apply inside it */
};


/* Lists of tokens, (B, L), in arrays with room for B times the longest list that there may be. */
struct listing {
    const struct shortlist *shortlist;
    struct source source;
    int64_t *tokens, *counts;
    float *scale, *bias;
};

/* A field of a struct as the caller names it; all are 8 bytes. */
struct field {
    const char *name;
    size_t offset;
};

#define NAMED(type, name, member) {name, offsetof(struct type, member)}
#define FIELD(type, member) NAMED(type, #member, member)
#define FIELDS(type, ...)                                               \
    static const struct field type##_fields[] = {__VA_ARGS__};          \
    _Static_assert(sizeof(struct type) == 8 * sizeof type##_fields / sizeof *type##_fields, "a field of " #type " has no name")

/* Structs that the caller fills in memory of its own. */
FIELDS(plan, FIELD(plan, weights), FIELD(plan, scale), FIELD(plan, bias), FIELD(plan, tiles), FIELD(plan, outputs),
       FIELD(plan, activation), NAMED(plan, "first_width", widths[0]), NAMED(plan, "second_width", widths[1]),
       NAMED(plan, "third_width", widths[2]));
FIELDS(layer, FIELD(layer, plan), FIELD(layer, kind), FIELD(layer, norm));
FIELDS(decoder, FIELD(decoder, embedding), FIELD(decoder, layers), FIELD(decoder, recurrent), FIELD(decoder, count),
       FIELD(decoder, units), FIELD(decoder, residual), FIELD(decoder, feeding), FIELD(decoder, readout),
       FIELD(decoder, query), FIELD(decoder, vector), FIELD(decoder, heads));
FIELDS(encoder_layer, FIELD(encoder_layer, inputs), FIELD(encoder_layer, recurrent),
       FIELD(encoder_layer, backward_inputs), FIELD(encoder_layer, backward_recurrent));
FIELDS(encoder, FIELD(encoder, embedding), FIELD(encoder, layers), FIELD(encoder, count), FIELD(encoder, residual),
       FIELD(encoder, mean));
FIELDS(shortlist, FIELD(shortlist, plan), FIELD(shortlist, scale), FIELD(shortlist, bias), FIELD(shortlist, common),
       FIELD(shortlist, translations), FIELD(shortlist, common_count), FIELD(shortlist, translation_count),
       FIELD(shortlist, id_size), FIELD(shortlist, vocabulary));
FIELDS(network, FIELD(network, encoder), FIELD(network, keys), FIELD(network, values), FIELD(network, initial),
       FIELD(network, decoder), FIELD(network, output), FIELD(network, shortlist));
FIELDS(memory, FIELD(memory, keys), FIELD(memory, values), FIELD(memory, lengths), FIELD(memory, steps),
       FIELD(memory, key_size), FIELD(memory, value_size));

/* Structs that come as the keywords of a call, in this order. */
FIELDS(product, FIELD(product, plan), FIELD(product, rows), NAMED(product, "first", inputs.values[0]),
       NAMED(product, "first_index", inputs.index[0]), NAMED(product, "second", inputs.values[1]),
       NAMED(product, "second_index", inputs.index[1]), NAMED(product, "third", inputs.values[2]),
       NAMED(product, "third_index", inputs.index[2]), FIELD(product, out));
#define SOURCE(type)                                                                                          \
    NAMED(type, "batch", source.batch), NAMED(type, "steps", source.steps), NAMED(type, "source", source.tokens), \
        NAMED(type, "lengths", source.lengths)
FIELDS(beginning, FIELD(beginning, network), SOURCE(beginning), FIELD(beginning, states), FIELD(beginning, keys),
       FIELD(beginning, values), FIELD(beginning, state));
FIELDS(listing, FIELD(listing, shortlist), SOURCE(listing), FIELD(listing, tokens), FIELD(listing, counts),
       FIELD(listing, scale), FIELD(listing, bias));
#define PHRASES(name)                                                              \
    NAMED(search, #name "_first", name.first), NAMED(search, #name "_starts", name.starts), \
        NAMED(search, #name "_tokens", name.tokens)
FIELDS(search, FIELD(search, network), SOURCE(search), FIELD(search, limits), FIELD(search, minimums),
       FIELD(search, divisors), FIELD(search, coverage_penalty), FIELD(search, greedy), FIELD(search, beam), FIELD(search, n_best), FIELD(search, attention), FIELD(search, begin),
       FIELD(search, end), FIELD(search, no_repeat_ngram), FIELD(search, max_repeats), PHRASES(prefix),
       PHRASES(forbidden), PHRASES(required));
FIELDS(step, FIELD(step, decoder), FIELD(step, memory), FIELD(step, batch), FIELD(step, beam), FIELD(step, sentences),
       FIELD(step, tokens), FIELD(step, rows), FIELD(step, count), FIELD(step, before), FIELD(step, after),
       FIELD(step, weights));
FIELDS(output, FIELD(output, plan), FIELD(output, lists), FIELD(output, counts), FIELD(output, batch), FIELD(output, beam),
       FIELD(output, sentences), FIELD(output, readout), FIELD(output, out));
FIELDS(ranking, FIELD(ranking, scores), FIELD(ranking, only), FIELD(ranking, first), FIELD(ranking, count),
       FIELD(ranking, best), FIELD(ranking, rows), FIELD(ranking, tokens));

static inline int64_t width_of(const struct plan *plan) { return plan->widths[0] + plan->widths[1] + plan->widths[2]; }

/* Bytes of a quantised row of the plan's inputs. */
static inline int64_t bytes_of(const struct plan *plan) { return (width_of(plan) + ROW_BYTES - 1) / ROW_BYTES * ROW_BYTES; }

static inline const uint8_t *weights_of(const struct plan *plan, int64_t tile) {
    return plan->weights + tile * TILE * bytes_of(plan);
}

/* Sums of many floats are those of so many places, on every processor in the same order; lists of tokens and layers have
   multiples of it. */
enum { PLACES = 16 };

/* Times the bytes of a row of int8 that an instruction set may need room for. */
enum { WIDENED = 2 };

#define INLINE inline __attribute__((always_inline))

static inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

#include "heap.h"
#include "history.h"
#include "required.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

#define AVX512 "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,prefer-vector-width=512"
#if defined(FOR_AMX)
TARGET("amx-tile,amx-int8," AVX512)
#define SUFFIX _amx
#define BLOCK 6
#define LANES 16
#define HAVE_AMX
#define HAVE_VNNI_512
#include "amx.h"
#include "each.h"
#undef HAVE_AMX
#undef HAVE_VNNI_512
TARGET_END
#endif
#if defined(FOR_X86)
TARGET(AVX512)
#define SUFFIX _vnni512
#define BLOCK 6
#define LANES 16
#define HAVE_VNNI_512
#include "each.h"
#undef HAVE_VNNI_512
TARGET_END
TARGET("avx2,fma,avxvnni")
#define SUFFIX _vnni256
#define BLOCK 6
#define LANES 8
#define HAVE_VNNI_256
#include "each.h"
#undef HAVE_VNNI_256
TARGET_END
TARGET("avx2,fma")
#define SUFFIX _avx2
#define BLOCK 6
#define LANES 8
#define HAVE_AVX2
#include "each.h"
#undef HAVE_AVX2
TARGET_END
#endif
#if defined(FOR_I8MM)
TARGET("arch=armv8.2-a+i8mm")
#define SUFFIX _i8mm
#define BLOCK 4
#define LANES 4
#define HAVE_I8MM
#include "each.h"
#undef HAVE_I8MM
TARGET_END
#endif
#if defined(FOR_DOTPROD)
TARGET("arch=armv8.2-a+dotprod")
#define SUFFIX _dotprod
#define BLOCK 4
#define LANES 4
#define HAVE_DOTPROD
#include "each.h"
#undef HAVE_DOTPROD
TARGET_END
#endif
#define SUFFIX _portable
#define BLOCK 6
#define LANES 4
#include "each.h"

struct functions {
    const char *name;
    void (*linear)(const struct plan *, int64_t, const struct inputs *, struct quantised *, float *);
    void (*lstm_sequence)(const struct plan *, const struct sequence *, struct quantised *, float *);
    void (*decode)(const struct step *, struct quantised *, float *);
    void (*log_probabilities)(const struct output *, struct quantised *, float *);
    void (*best)(const struct output *, const struct ranking *, const struct history *, struct quantised *, float *);
};

#define FUNCTIONS(suffix) \
    {&#suffix[1], linear##suffix, lstm_sequence##suffix, decode##suffix, log_probabilities##suffix, best##suffix}

static const struct functions all[] = {
#if defined(FOR_AMX)
    FUNCTIONS(_amx),
#endif
#if defined(FOR_X86)
    FUNCTIONS(_vnni512), FUNCTIONS(_vnni256), FUNCTIONS(_avx2),
#endif
#if defined(FOR_I8MM)
    FUNCTIONS(_i8mm),
#endif
#if defined(FOR_DOTPROD)
    FUNCTIONS(_dotprod),
#endif
    FUNCTIONS(_portable)};
enum { KINDS = sizeof all / sizeof *all };

static const struct functions *chosen;

#if defined(FOR_ARM)
/* Whether the processor has an instruction: the bit of Linux's flags, and the name that macOS knows it by. */
static int has(int second, unsigned long bit, const char *name) {
#if defined(__linux__) && __GNUC__ >= 12
    (void)name;
    return (getauxval(second ? AT_HWCAP2 : AT_HWCAP) & bit) != 0;
#elif defined(__APPLE__)
    int value = 0;
    size_t size = sizeof value;
    (void)second, (void)bit;
    return !sysctlbyname(name, &value, &size, NULL, 0) && value;
#else
    (void)second, (void)bit, (void)name;
    return 0;
#endif
}
#endif

#if defined(X86_IN_C)
static int has_vnni_512(void) { return 1; }
static int has_vnni_256(void) { return 1; }
static int has_avx2(void) { return 1; }
static int has_amx(void) { return 1; }
#elif defined(FOR_X86)
static int has_vnni_512(void) {
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

static int has_vnni_256(void) {
    unsigned a = 7, b = 0, c = 1, d = 0; /* leaf 7.1, EAX bit 4: AVX-VNNI, which older compilers cannot be asked about */
    if (!has_avx2()) return 0;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (a >> 4) & 1;
}

#if defined(FOR_AMX)
/* Whether the processor has AMX and Linux, since 5.16, lends this process its registers. */
static int has_amx(void) {
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILE_DATA = 18 };
    return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8") &&
           !syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILE_DATA);
}
#endif
#endif

#if defined(FOR_AMX)
/* Whether AMX multiplies as plain C does: nothing is taken on trust of a unit that few of our machines have. */
static int amx_agrees(void) {
    enum { AMOUNT = AMX_ROWS + 5, BYTES = 3 * AMX_BYTES };
    static uint8_t w[TILE * BYTES];
    static int8_t a[AMOUNT * BYTES];
    static int32_t found[AMOUNT * TILE], expected[AMOUNT * TILE];
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof w; i++) w[i] = (random = 1664525 * random + 1013904223) >> 24;
    for (size_t i = 0; i < sizeof a; i++) a[i] = (int8_t)((random = 1664525 * random + 1013904223) >> 24);
    amx_begin(AMOUNT);
    amx_product(AMOUNT, w, a, BYTES, found);
    amx_end();
    tile_portable(AMOUNT, w, a, BYTES, BYTES / 4, expected);
    return !memcmp(found, expected, sizeof found);
}
#endif

static int runs_here(const struct functions *kind) {
#if defined(FOR_X86) && !defined(X86_IN_C)
    __builtin_cpu_init();
#endif
#if defined(FOR_AMX)
    if (!strcmp(kind->name, "amx")) return has_vnni_512() && has_amx() && amx_agrees();
#endif
#if defined(FOR_X86)
    if (!strcmp(kind->name, "vnni512")) return has_vnni_512();
    if (!strcmp(kind->name, "vnni256")) return has_vnni_256();
    if (!strcmp(kind->name, "avx2")) return has_avx2();
#elif defined(FOR_ARM)
    if (!strcmp(kind->name, "i8mm")) return has(1, 1UL << 13, "hw.optional.arm.FEAT_I8MM");
    if (!strcmp(kind->name, "dotprod")) return has(0, 1UL << 20, "hw.optional.arm.FEAT_DotProd");
#endif
    return 1;
}

/* Room for `rows` quantised rows of up to `bytes`, and for `floats` floats beside them; NULL `values` in it is no memory. */
static struct quantised room(int64_t bytes, int64_t rows, int64_t floats, float **beside) {
    struct quantised q = {0};
    size_t own = sizeof *q.scales + sizeof *q.offsets + sizeof *q.rows + WIDENED * bytes;
    q.values = memory_of((size_t)rows * own + (size_t)floats * sizeof **beside + LINE);
    if (q.values) {
        q.rows = (int64_t *)(q.values + WIDENED * rows * bytes);
        q.scales = (float *)(q.rows + rows);
        q.offsets = (int32_t *)(q.scales + rows);
        *beside = (float *)(q.offsets + rows);
    }
    return q;
}

#include "search.h"
#include "forced.h"

/* The keywords of a call, of which `taken` are read already. */
struct call {
    PyObject *const *values;
    PyObject *names;
    Py_ssize_t given, taken;
};

/* Fills a struct with the next keywords, which should be its fields; sets an exception and returns 0 where they are not. */
static int take(struct call *call, const struct field *fields, size_t count, void *into) {
    for (size_t i = 0; i < count; i++, call->taken++) {
        PyObject *name = call->taken < call->given ? PyTuple_GetItem(call->names, call->taken) : NULL;
        if (!name || PyUnicode_CompareWithASCIIString(name, fields[i].name)) {
            PyErr_Format(PyExc_TypeError, "keyword %zd should be %s", call->taken, fields[i].name);
            return 0;
        }
        int64_t value = PyLong_AsLongLong(call->values[call->taken]);
        if (value == -1 && PyErr_Occurred()) return 0;
        memcpy((char *)into + fields[i].offset, &value, sizeof value);
    }
    return 1;
}

/* The next keyword, which should be of this name, as an object; sets an exception and returns NULL where it is not. */
static PyObject *take_object(struct call *call, const char *name) {
    PyObject *own = call->taken < call->given ? PyTuple_GetItem(call->names, call->taken) : NULL;
    if (own && !PyUnicode_CompareWithASCIIString(own, name)) return call->values[call->taken++];
    PyErr_Format(PyExc_TypeError, "keyword %zd should be %s", call->taken, name);
    return NULL;
}

/* A call begins: it has keywords and nothing else. */
static int begin(struct call *call, PyObject *const *values, Py_ssize_t positional, PyObject *names) {
    *call = (struct call){values, names, names ? PyTuple_Size(names) : 0, 0};
    if (positional) PyErr_SetString(PyExc_TypeError, "arguments should have their names");
    return !positional;
}

/* A call is read to its end. */
static int end(const struct call *call) {
    if (call->taken < call->given) PyErr_Format(PyExc_TypeError, "there should be %zd keywords", call->taken);
    return call->taken == call->given;
}

#define TAKE(call, type, into) take(call, type##_fields, sizeof type##_fields / sizeof *type##_fields, into)
#define CALL(name) static PyObject *name(PyObject *module, PyObject *const *values, Py_ssize_t positional, PyObject *names)
#define BEGIN        \
    struct call call; \
    (void)module;     \
    if (!begin(&call, values, positional, names)) return NULL;

/* Runs `call` on room `q` and `floats`, as `room` takes them, without the interpreter's lock. */
#define RUN(bytes, count, size, call)                       \
    float *floats = NULL;                                   \
    int enough;                                             \
    Py_BEGIN_ALLOW_THREADS                                  \
    struct quantised q = room(bytes, count, size, &floats); \
    enough = q.values != NULL;                              \
    if (enough) call;                                       \
    free(q.values);                                         \
    Py_END_ALLOW_THREADS                                    \
    if (!enough) return PyErr_NoMemory();                   \
    Py_RETURN_NONE;

CALL(py_linear) {
    struct product p;
    BEGIN
    if (!TAKE(&call, product, &p) || !end(&call)) return NULL;
    RUN(bytes_of(p.plan), p.rows, 0, chosen->linear(p.plan, p.rows, &p.inputs, &q, p.out))
}

CALL(py_decode) {
    struct step s;
    BEGIN
    if (!TAKE(&call, step, &s) || !end(&call)) return NULL;
    const struct decoder *d = s.decoder;
    int64_t rows = s.batch * s.beam, bytes = bytes_of(d->readout);
    for (int64_t i = 0; i < d->count; i++)
        if (bytes_of(d->layers[i].plan) > bytes) bytes = bytes_of(d->layers[i].plan);
    RUN(bytes, rows, rows * (4 * d->units + s.memory->key_size + s.memory->value_size) + s.memory->steps,
        chosen->decode(&s, &q, floats))
}

CALL(py_log_probabilities) {
    struct output o;
    BEGIN
    if (!TAKE(&call, output, &o) || !end(&call)) return NULL;
    RUN(bytes_of(o.plan), o.batch * o.beam, 0, chosen->log_probabilities(&o, &q, o.out))
}

CALL(py_best) {
    struct output o;
    struct ranking r;
    BEGIN
    if (!TAKE(&call, output, &o) || !TAKE(&call, ranking, &r) || !end(&call)) return NULL;
    RUN(bytes_of(o.plan), o.batch * o.beam, (o.lists ? 1 : o.batch) * o.beam * o.plan->outputs,
        chosen->best(&o, &r, NULL, &q, floats))
}

/* Runs `call` on a heap of its own, without the interpreter's lock; the rest of the function may read what lies there. */
#define RUN_ON(heap, call)              \
    struct heap heap = {0};             \
    PyThreadState *thread = PyEval_SaveThread(); \
    call;                               \
    PyEval_RestoreThread(thread);

CALL(py_start) {
    struct beginning s;
    BEGIN
    if (!TAKE(&call, beginning, &s) || !end(&call)) return NULL;
    RUN_ON(heap, start(s.network, &s.source, &heap, s.states, s.keys, s.values, s.state))
    release(&heap);
    if (heap.missing) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

/* Returns the length of the longest list. */
CALL(py_lists) {
    struct listing s;
    BEGIN
    if (!TAKE(&call, listing, &s) || !end(&call)) return NULL;
    struct lists lists = {.tokens = s.tokens, .counts = s.counts, .scale = s.scale, .bias = s.bias};
    RUN_ON(heap, list_tokens(s.shortlist, &s.source, &heap, &lists))
    release(&heap);
    return heap.missing ? PyErr_NoMemory() : PyLong_FromLongLong(lists.length);
}

CALL(py_search) {
    struct search s;
    BEGIN
    if (!TAKE(&call, search, &s)) return NULL;
    struct interpreter interpreter = {.dropped = take_object(&call, "dropped")};
    if (!interpreter.dropped || !end(&call)) return NULL;
    const char *fault = fault_of(&s);
    if (fault) {
        PyErr_SetString(PyExc_ValueError, fault);
        return NULL;
    }
    struct found found = {0};
    struct heap heap = {0};
    interpreter.thread = PyEval_SaveThread();
    int ended = search(&s, &heap, &found, &interpreter);
    PyEval_RestoreThread(interpreter.thread);
    PyObject *result = ended ? NULL : heap.missing ? PyErr_NoMemory() : candidates(&s, &found);
    release(&heap);
    return result;
}

CALL(py_force) {
    struct forcing f;
    BEGIN
    if (!TAKE(&call, forcing, &f) || !end(&call)) return NULL;
    const char *fault = fault_of_forcing(&f);
    if (fault) {
        PyErr_SetString(PyExc_ValueError, fault);
        return NULL;
    }
    struct interpreter interpreter = {.dropped = Py_None};
    struct heap heap = {0};
    interpreter.thread = PyEval_SaveThread();
    int ended = force(&f, &heap, &interpreter);
    PyEval_RestoreThread(interpreter.thread);
    release(&heap);
    if (ended) return NULL;
    if (heap.missing) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

/* Adds to `layouts`, a dictionary, the names of a struct's fields in the order in which they lie in memory. */
static int add_layout(PyObject *layouts, const char *name, const struct field *fields, size_t count) {
    PyObject *names = PyTuple_New((Py_ssize_t)count);
    int done = names != NULL;
    for (size_t i = 0; done && i < count; i++) {
        PyObject *field = PyUnicode_FromString(fields[i].name);
        done = field && !PyTuple_SetItem(names, (Py_ssize_t)(fields[i].offset / 8), field);
    }
    done = done && !PyDict_SetItemString(layouts, name, names);
    Py_XDECREF(names);
    return done;
}

#define ADD_LAYOUT(type) add_layout(layouts, #type, type##_fields, sizeof type##_fields / sizeof *type##_fields)

static PyObject *py_layouts(PyObject *module, PyObject *none) {
    (void)module, (void)none;
    PyObject *layouts = PyDict_New();
    if (layouts && !(ADD_LAYOUT(plan) && ADD_LAYOUT(layer) && ADD_LAYOUT(decoder) && ADD_LAYOUT(memory) &&
                     ADD_LAYOUT(encoder_layer) && ADD_LAYOUT(encoder) && ADD_LAYOUT(shortlist) && ADD_LAYOUT(network)))
        Py_CLEAR(layouts);
    return layouts;
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

#define METHOD(name) {#name, (PyCFunction)(void (*)(void))py_##name, METH_FASTCALL | METH_KEYWORDS, NULL}
static PyMethodDef methods[] = {METHOD(linear), METHOD(start), METHOD(lists), METHOD(decode),
                                METHOD(log_probabilities), METHOD(best), METHOD(search), METHOD(force),
                                {"layouts", py_layouts, METH_NOARGS, NULL}, {"names", py_names, METH_NOARGS, NULL}, {"choose", py_choose, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_kernel", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit__kernel(void) {
    for (int i = KINDS - 1; i >= 0; i--)
        if (runs_here(all + i)) chosen = all + i;
    return PyModule_Create(&definition);
}
