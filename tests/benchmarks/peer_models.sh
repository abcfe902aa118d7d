#!/bin/bash
# peer_models.sh PEERS: gives the peers that have none a model to decode with, where peers.py looks for it.
#   fairseq, JoeyNMT  the weights of OpenNMT-py's LSTM; JoeyNMT's decoder starts from another state, which UPDATES mend
#   Marian            four minutes of training of its own network, for speed alone (BLEU about 2, plausible lengths)
#   CTranslate2       the last checkpoint of PEERS/ctranslate2/run, a Transformer, in float32 and int8
set -euo pipefail
PEERS=$(realpath "$1") UPDATES=${UPDATES:-25}
WORK=$(mktemp -d); trap 'rm -rf "$WORK"' EXIT
export OMP_NUM_THREADS=${THREADS:-2} TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1

cd "$PEERS/fairseq"
venv/bin/fairseq-train $(cat train.args) --max-update 1 --save-dir "$WORK/fairseq" > "$WORK/log"

cd "$PEERS/joeynmt"
sed -e "s#^model_dir:.*#model_dir: \"$WORK/joeynmt\"#; s/^    updates:.*/    updates: 1/" train.yaml > "$WORK/template.yaml"
venv/bin/python -m joeynmt train "$WORK/template.yaml" --skip-test >> "$WORK/log" 2>&1

cd "$PEERS/common"
../opennmt-py/venv/bin/python port.py ../opennmt-py/model.pt "$WORK/fairseq/checkpoint_last.pt" "$WORK/joeynmt/1.ckpt" \
  "$PEERS/fairseq/model.pt" "$WORK/ported.ckpt" "$WORK/half.pt"

cd "$PEERS/joeynmt"
sed -e "s#^model_dir:.*#model_dir: \"$WORK/tuned\"#; s#^    load_model:.*#    load_model: \"$WORK/ported.ckpt\"#" \
  -e "s/^    updates:.*/    updates: $UPDATES/" finetune.yaml > "$WORK/finetune.yaml"
venv/bin/python -m joeynmt train "$WORK/finetune.yaml" --skip-test >> "$WORK/log" 2>&1
cp "$WORK/tuned/$UPDATES.ckpt" model.ckpt

if [ ! -f "$PEERS/marian/model.npz" ]; then
  "$PEERS/marian/train_short.sh" >> "$WORK/log" 2>&1 || true  # it is stopped by the clock
  cp "$PEERS/marian/run/short.npz" "$PEERS/marian/model.npz"
fi

cd "$PEERS/ctranslate2"
LAST=$(ls -t run/small_step_*.pt | head -1)
for KIND in float32 int8; do
  [ $KIND = float32 ] && MODEL=model-small || MODEL=model-small-int8
  ../opennmt-py/venv/bin/ct2-opennmt-py-converter --model_path "$LAST" --output_dir $MODEL --quantization $KIND \
    --force --unsafe_deserialization
done
