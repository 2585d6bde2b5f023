"""One client process of a shared load (`load_processes.py`): `python -m vcpd.evals.load_worker`."""

import pickle
import sys


def main() -> None:
    """Read a job from standard input, say ready, begin when told to, and write what came of it."""

    from .load_client import load_library, run_load

    load_library()

    endpoint, prompts, plan = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    load = run_load(endpoint, prompts, plan, begin_at=pickle.load(sys.stdin.buffer))
    sys.stdout.buffer.write(pickle.dumps(load))


if __name__ == "__main__":
    main()
