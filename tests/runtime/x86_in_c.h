/* The instructions of x86 that nmt/runtime/kernel uses, as functions that any processor runs: what they do is written from their
   operation in Intel's Software Developer's Manual, volume 2, and its Intrinsics Guide. Where the processor would raise an
   exception, the process ends. While there is an environment variable X86_FAULT, each sum of AMX is too large, as a broken
   unit's may be. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define X86_IN_C
#define FUNCTION static inline __attribute__((always_inline, unused))

/* 1. Registers: numbers of 32 bits. */
typedef int32_t __m128i __attribute__((vector_size(16)));
typedef int32_t __m256i __attribute__((vector_size(32)));
typedef int32_t __m512i __attribute__((vector_size(64)));
typedef float __m256 __attribute__((vector_size(32)));
typedef float __m512 __attribute__((vector_size(64)));
typedef int16_t words256 __attribute__((vector_size(32)));
typedef uint16_t unsigned_words256 __attribute__((vector_size(32)));

FUNCTION __m256i _mm256_loadu_si256(const __m256i *place) {
    __m256i x;
    memcpy(&x, place, sizeof x);
    return x;
}
FUNCTION __m512i _mm512_loadu_si512(const void *place) {
    __m512i x;
    memcpy(&x, place, sizeof x);
    return x;
}
FUNCTION void _mm_storeu_si128(__m128i *place, __m128i x) { memcpy(place, &x, sizeof x); }
FUNCTION void _mm256_storeu_si256(__m256i *place, __m256i x) { memcpy(place, &x, sizeof x); }
FUNCTION void _mm512_storeu_si512(void *place, __m512i x) { memcpy(place, &x, sizeof x); }
FUNCTION __m256i _mm256_setzero_si256(void) { return (__m256i){0}; }
FUNCTION __m512i _mm512_setzero_si512(void) { return (__m512i){0}; }
FUNCTION __m256i _mm256_set1_epi32(int32_t x) { return (__m256i){0} + x; }
FUNCTION __m512i _mm512_set1_epi32(int32_t x) { return (__m512i){0} + x; }
FUNCTION __m256i _mm256_set1_epi16(int16_t x) { return (__m256i)((words256){0} + x); }

/* 2. Arithmetic, which wraps; of floats, which is rounded once. */
FUNCTION __m128i _mm_add_epi32(__m128i a, __m128i b) { return a + b; }
FUNCTION __m256i _mm256_add_epi32(__m256i a, __m256i b) { return a + b; }
FUNCTION __m512i _mm512_add_epi32(__m512i a, __m512i b) { return a + b; }
FUNCTION __m256i _mm256_and_si256(__m256i a, __m256i b) { return a & b; }
FUNCTION __m256i _mm256_slli_epi16(__m256i x, int count) { return (__m256i)((unsigned_words256)x << count); }
FUNCTION __m256i _mm256_srli_epi16(__m256i x, int count) { return (__m256i)((unsigned_words256)x >> count); }
FUNCTION __m256i _mm256_srai_epi16(__m256i x, int count) { return (__m256i)((words256)x >> count); }
FUNCTION __m256i _mm256_madd_epi16(__m256i a, __m256i b) {
    return (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
}
FUNCTION __m256 _mm256_fmadd_ps(__m256 a, __m256 b, __m256 c) {
    for (int i = 0; i < 8; i++) c[i] = fmaf(a[i], b[i], c[i]);
    return c;
}
FUNCTION __m512 _mm512_fmadd_ps(__m512 a, __m512 b, __m512 c) {
    for (int i = 0; i < 16; i++) c[i] = fmaf(a[i], b[i], c[i]);
    return c;
}

/* sums + four uint8 of w times four int8 of a in each place: byte by byte, as numbers of 32 bits. */
#define DOT_PRODUCTS(sums, w, a)                                                              \
    ((sums) + ((w) & 255) * ((a) << 24 >> 24) + ((w) >> 8 & 255) * ((a) << 16 >> 24) +        \
     ((w) >> 16 & 255) * ((a) << 8 >> 24) + ((w) >> 24 & 255) * ((a) >> 24))
FUNCTION __m256i _mm256_dpbusd_avx_epi32(__m256i sums, __m256i w, __m256i a) { return DOT_PRODUCTS(sums, w, a); }
FUNCTION __m512i _mm512_dpbusd_epi32(__m512i sums, __m512i w, __m512i a) { return DOT_PRODUCTS(sums, w, a); }

/* 3. Numbers that change their places. */
FUNCTION int _mm256_movemask_ps(__m256 x) {
    int mask = 0;
    for (int i = 0; i < 8; i++) mask |= (((__m256i)x)[i] < 0) << i;
    return mask;
}
FUNCTION unsigned _mm512_movepi32_mask(__m512i x) {
    unsigned mask = 0;
    for (int i = 0; i < 16; i++) mask |= (unsigned)(x[i] < 0) << i;
    return mask;
}
FUNCTION __m128i _mm256_castsi256_si128(__m256i x) { return (__m128i){x[0], x[1], x[2], x[3]}; }
FUNCTION __m128i _mm256_extracti128_si256(__m256i x, int half) {
    return half ? (__m128i){x[4], x[5], x[6], x[7]} : _mm256_castsi256_si128(x);
}
FUNCTION __m256i _mm256_hadd_epi32(__m256i a, __m256i b) {
    return (__m256i){a[0] + a[1], a[2] + a[3], b[0] + b[1], b[2] + b[3],
                     a[4] + a[5], a[6] + a[7], b[4] + b[5], b[6] + b[7]};
}
/* In each quarter: one of a, one of b, from its lower or its upper half, in units of so many places. */
FUNCTION __m512i interleaved(__m512i a, __m512i b, int unit, int upper) {
    __m512i y;
    for (int i = 0; i < 16; i++) {
        int quarter = i / 4 * 4, place = i % 4, source = quarter + 2 * upper + place / (2 * unit) * unit + place % unit;
        y[i] = place / unit % 2 ? b[source] : a[source];
    }
    return y;
}
FUNCTION __m512i _mm512_unpacklo_epi32(__m512i a, __m512i b) { return interleaved(a, b, 1, 0); }
FUNCTION __m512i _mm512_unpackhi_epi32(__m512i a, __m512i b) { return interleaved(a, b, 1, 1); }
FUNCTION __m512i _mm512_unpacklo_epi64(__m512i a, __m512i b) { return interleaved(a, b, 2, 0); }
FUNCTION __m512i _mm512_unpackhi_epi64(__m512i a, __m512i b) { return interleaved(a, b, 2, 1); }
/* Two quarters of a and two of b; each has two bits of `which`. */
FUNCTION __m512i _mm512_shuffle_i32x4(__m512i a, __m512i b, int which) {
    __m512i y;
    for (int i = 0; i < 16; i++) {
        int source = (which >> i / 4 * 2 & 3) * 4 + i % 4;
        y[i] = i < 8 ? a[source] : b[source];
    }
    return y;
}

/* 4. AMX. */
struct tile_register {
    int rows, bytes; /* 0: not configured */
    uint8_t content[16][64];
};

static _Thread_local struct tile_register tile_registers[8];

static inline struct tile_register *configured(int number) {
    if (number < 0 || number > 7 || !tile_registers[number].rows) abort();
    return tile_registers + number;
}

static inline void _tile_release(void) { memset(tile_registers, 0, sizeof tile_registers); }

static inline void _tile_loadconfig(const void *shapes) {
    const uint8_t *bytes = shapes;
    if (bytes[0] != 1 || bytes[1]) abort();
    _tile_release();
    for (int i = 0; i < 8; i++) {
        uint16_t width;
        memcpy(&width, bytes + 16 + 2 * i, sizeof width);
        if (bytes[48 + i] > 16 || width > 64 || !bytes[48 + i] != !width) abort();
        tile_registers[i].rows = bytes[48 + i], tile_registers[i].bytes = width;
    }
}

static inline void _tile_zero(int number) {
    struct tile_register *own = configured(number);
    memset(own->content, 0, sizeof own->content);
}

static inline void _tile_loadd(int number, const void *base, int64_t stride) {
    struct tile_register *own = configured(number);
    memset(own->content, 0, sizeof own->content);
    for (int row = 0; row < own->rows; row++) memcpy(own->content[row], (const char *)base + row * stride, own->bytes);
}

static inline void _tile_stored(int number, void *base, int64_t stride) {
    const struct tile_register *own = configured(number);
    for (int row = 0; row < own->rows; row++) memcpy((char *)base + row * stride, own->content[row], own->bytes);
}

/* sums += a b: each four int8 of a row of `first` with four uint8 of a column of `second`. */
static inline void _tile_dpbsud(int sums, int first, int second) {
    struct tile_register *c = configured(sums), *a = configured(first), *b = configured(second);
    if (sums == first || sums == second || first == second) abort();
    if (c->rows != a->rows || c->bytes != b->bytes || a->bytes != 4 * b->rows) abort();
    int fault = getenv("X86_FAULT") ? b->rows : 0;
    for (int row = 0; row < c->rows; row++) {
        __m512i total = _mm512_loadu_si512(c->content[row]); /* of columns that are not there, too: of zeros */
        for (int k = 0; k < b->rows; k++) {
            int32_t four;
            memcpy(&four, a->content[row] + 4 * k, sizeof four);
            total = _mm512_dpbusd_epi32(total, _mm512_loadu_si512(b->content[k]), _mm512_set1_epi32(four));
        }
        total += fault;
        memcpy(c->content[row], &total, c->bytes);
    }
}
