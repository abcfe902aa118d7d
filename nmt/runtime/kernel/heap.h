/* Memory of one call, freed together. */
struct block {
    struct block *next;
    double padding; /* what follows lies as malloc would align it */
};

struct heap {
    struct block *blocks;
    int missing; /* some allocation failed */
};

static void *take_memory(struct heap *heap, int64_t bytes) {
    struct block *block = malloc(sizeof *block + (size_t)bytes);
    if (!block) {
        heap->missing = 1;
        return NULL;
    }
    block->next = heap->blocks;
    heap->blocks = block;
    return block + 1;
}

static void release(struct heap *heap) {
    while (heap->blocks) {
        struct block *next = heap->blocks->next;
        free(heap->blocks);
        heap->blocks = next;
    }
}

#define NEW(heap, type, count) ((type *)take_memory(heap, (int64_t)sizeof(type) * (count)))
