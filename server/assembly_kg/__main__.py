"""``python -m assembly_kg``: the same command line as ``assembly-kg``."""

from assembly_kg.cli import main

if __name__ == "__main__":
    main()
