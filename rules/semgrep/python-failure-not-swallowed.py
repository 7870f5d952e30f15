def publish(order):
    # ruleid: python-failure-not-swallowed
    try:
        queue.send(order)
    except Exception:
        pass


def remove(path):
    # ok: python-failure-not-swallowed
    try:
        path.unlink()
    except FileNotFoundError:
        pass
    # ok: python-failure-not-swallowed
    try:
        queue.close()
    except Exception:
        log.exception("the queue did not close")
    # ok: python-failure-not-swallowed
    try:
        width = terminal_width()
    except Exception:
        # No terminal: the width given above stays.
        pass
    # ok: python-failure-not-swallowed
    try:
        lock.unlink()
    except Exception:
        pass  # another run removed it first
