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
