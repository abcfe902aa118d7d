/* All that is compiled once for each instruction set. NAME(x) gives each its own SUFFIX; BLOCK is of how many rows the sums fit
   into its registers, LANES how many floats are in one. One of HAVE_VNNI_512, HAVE_VNNI_256, HAVE_AVX2, HAVE_I8MM, HAVE_DOTPROD
   or none of them says which product there is; HAVE_AMX that many rows have another. All have the same results to the bit: the
   integers are exact, and floats are rounded at the same places. */
#define NAME(x) JOIN(x, SUFFIX)

/* Rows whose products with listed outputs are computed at once. */
#if defined(HAVE_VNNI_256) || defined(HAVE_AVX2)
#define DOT_ROWS 2
#else
#define DOT_ROWS 1
#endif

#include "vectors.h"
#include "body.h"
#include "decode.h"

#undef places
#undef EACH_PART
#undef DOT_ROWS
#undef floats
#undef integers
#undef load
#undef store
#undef either
#undef load_part
#undef store_part
#undef fused
#undef all_of
#undef NAME
#undef LANES
#undef BLOCK
#undef SUFFIX
