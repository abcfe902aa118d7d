/* Products by AMX. Each of eight registers has 16 rows of 64 bytes; one instruction multiplies 64 inputs of 16 rows, which are
   int8, with the uint8 weights of 16 outputs, and adds to 16 x 16 sums, wrapping as the other bodies' sums do. Weights lie in
   memory as the instruction reads them: a row of a register is the four weights of 16 outputs.

   Linux lends these registers to a process that asks. They are empty between products, so that nothing else has to save them.
   Registers 0 to 3 are sums, 4 and 5 inputs, 6 and 7 weights: each that is loaded is used twice, as Intel's Optimization
   Reference Manual advises. */

enum { AMX_ROWS = 16, AMX_BYTES = 64 };

/* All registers have all their rows. It is read by the instruction alone, whose operand names only 8 of its bytes. */
static const struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
} amx_shapes = {1, 0, {0}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};

/* Begins a product of 16 rows or more; returns how many to multiply at once. All parts are of about as many, since a small rest
   would be left to other instructions. */
static int64_t amx_begin(int64_t rows) {
    int64_t parts = (rows + MOST_ROWS - 1) / MOST_ROWS;
    _tile_loadconfig(&amx_shapes);
    return (rows + parts - 1) / parts;
}

static void amx_end(void) { _tile_release(); }

/* Of 16 to 32 rows of `bytes` inputs, their sums (rows, 64) with a tile's 64 outputs. The second register of inputs is the last
   16 rows: of fewer than 32 some are computed twice, and none is read that is not there. */
static void amx_product(int rows, const uint8_t *w, const int8_t *a, int64_t bytes, int32_t *out) {
    enum { OUT_BYTES = TILE * sizeof *out };
    const int8_t *last = a + (rows - AMX_ROWS) * bytes;
    int32_t *last_out = out + (rows - AMX_ROWS) * TILE;
    __asm__ volatile("" ::: "memory"); /* to load a register is to read memory, which gcc is not told */
    for (int half = 0; half < 2; half++, w += 2 * AMX_BYTES, out += 2 * AMX_ROWS, last_out += 2 * AMX_ROWS) {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
        for (int64_t i = 0; i < bytes; i += AMX_BYTES) {
            const uint8_t *weights = w + i * TILE;
            _tile_loadd(4, a + i, bytes);
            _tile_loadd(5, last + i, bytes);
            _tile_loadd(6, weights, TILE_BYTES);
            _tile_loadd(7, weights + AMX_BYTES, TILE_BYTES);
            _tile_dpbsud(0, 4, 6);
            _tile_dpbsud(1, 4, 7);
            _tile_dpbsud(2, 5, 6);
            _tile_dpbsud(3, 5, 7);
        }
        _tile_stored(0, out, OUT_BYTES);
        _tile_stored(1, out + AMX_ROWS, OUT_BYTES);
        _tile_stored(2, last_out, OUT_BYTES);
        _tile_stored(3, last_out + AMX_ROWS, OUT_BYTES);
    }
}
