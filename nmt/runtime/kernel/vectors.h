/* Vectors of LANES numbers, as many as a register of the instruction set holds: compilers keep longer ones in memory, and every
   use of one waits until it is written there. `fused` says where a product and a sum are rounded once; which of them a compiler
   takes together by itself would be its own choice. */

typedef float NAME(floats) __attribute__((vector_size(4 * LANES)));
typedef int32_t NAME(integers) __attribute__((vector_size(4 * LANES)));
#define floats NAME(floats)
#define integers NAME(integers)
#define load NAME(load)
#define store NAME(store)
#define either NAME(either)
#define load_part NAME(load_part)
#define store_part NAME(store_part)
#define fused NAME(fused)
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

#if !defined(HAVE_VNNI_512) && !defined(HAVE_VNNI_256) && !defined(HAVE_AVX2) && !defined(__aarch64__) && \
    !defined(__FP_FAST_FMAF)
/* a * b + c, rounded once, where no instruction does that: the product of two floats is exact as a double. Their sum is
   rounded to odd (Boldo and Melquiond 2008), so that rounding it again to a float gives what one rounding would. */
static INLINE floats NAME(fused_in_doubles)(floats a, floats b, floats c) {
    typedef double doubles __attribute__((vector_size(8 * LANES)));
    typedef int64_t longs __attribute__((vector_size(8 * LANES)));
    doubles product = __builtin_convertvector(a, doubles) * __builtin_convertvector(b, doubles);
    doubles term = __builtin_convertvector(c, doubles), sum = product + term, part = sum - product;
    doubles error = (product - (sum - part)) + (term - part); /* Knuth's: sum + error is exact */
    longs bits = (longs)sum, away = (longs)((error > 0.0) ^ (sum < 0.0)); /* -1 where the exact sum is further from zero */
    longs inexact = (longs)((error > 0.0) | (error < 0.0)), even = (bits & 1) - 1;
    bits += inexact & even & ((away & 2) - 1);
    return __builtin_convertvector((doubles)bits, floats);
}
#endif

/* a * b + c, rounded once. */
static INLINE floats fused(floats a, floats b, floats c) {
#if defined(HAVE_VNNI_512)
    return (floats)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(HAVE_VNNI_256) || defined(HAVE_AVX2)
    return (floats)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
    return (floats)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif defined(__FP_FAST_FMAF)
    floats y;
    for (int i = 0; i < LANES; i++) y[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return y;
#else
    return NAME(fused_in_doubles)(a, b, c);
#endif
}

/* Whether the comparison holds anywhere. */
static INLINE int NAME(any)(integers holds) {
#if defined(HAVE_VNNI_512)
    return _mm512_movepi32_mask((__m512i)holds) != 0;
#elif defined(HAVE_VNNI_256) || defined(HAVE_AVX2)
    return _mm256_movemask_ps((__m256)holds) != 0;
#else
    int32_t some = 0;
    for (int i = 0; i < LANES; i++) some |= holds[i];
    return some != 0;
#endif
}

/* exp(x) to 2 units in the last place (Cephes' polynomial), without a branch. */
static INLINE floats NAME(exponential)(floats x) {
    x = either(x < -87.0f, all_of(-87.0f), x);
    x = either(x > 88.0f, all_of(88.0f), x);
    floats scaled = x * 1.44269504088896341f;
    integers n = __builtin_convertvector(scaled + either(scaled >= 0.0f, all_of(0.5f), all_of(-0.5f)), integers);
    floats whole = __builtin_convertvector(n, floats);
    floats rest = fused(whole, all_of(2.12194440e-4f), fused(-whole, all_of(0.693359375f), x));
    floats y = all_of(1.9875691500e-4f);
    y = fused(y, rest, all_of(1.3981999507e-3f));
    y = fused(y, rest, all_of(8.3334519073e-3f));
    y = fused(y, rest, all_of(4.1665795894e-2f));
    y = fused(y, rest, all_of(1.6666665459e-1f));
    y = fused(y, rest, all_of(5.0000001201e-1f));
    y = fused(y * rest, rest, rest) + 1.0f;
    return y * (floats)((n + 127) << 23);
}

static INLINE floats NAME(sigmoid)(floats x) { return 1.0f / (1.0f + NAME(exponential)(-x)); }

static INLINE floats NAME(hyperbolic)(floats x) { return 2.0f / (1.0f + NAME(exponential)(-2.0f * x)) - 1.0f; }

/* PLACES numbers, in as many vectors as that takes. */
typedef struct {
    floats parts[PLACES / LANES];
} NAME(places);
#define places NAME(places)
#define EACH_PART(part) _Pragma("GCC unroll 4") for (int part = 0; part < PLACES / LANES; part++)

/* Their sum, always in the same order. */
static INLINE float NAME(sum)(places x) {
    float each[PLACES], total = 0.0f;
    memcpy(each, &x, sizeof each);
    for (int i = 0; i < PLACES / 2; i++) each[i] += each[i + PLACES / 2];
    for (int i = 0; i < PLACES / 2; i++) total += each[i];
    return total;
}
