# ruleid: python-readiness-checks
@app.route("/readyz")
def ready():
    return "ok"


# ruleid: python-readiness-checks
@api.get("/health/ready")
async def readiness():
    return {"status": "ok"}


# ok: python-readiness-checks
@app.route("/livez")
def alive():
    return "ok"


# ok: python-readiness-checks
@app.route("/ready")
def checked():
    database.ping(timeout=1)
    return "ok"
