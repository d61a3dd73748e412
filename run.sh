export PATH=/opt/q/dist/bin:$PATH QUARTO_PYTHON=/work/wt/realquarto/.venv/bin/python
cd /opt/q/try; exec quarto "$@"
