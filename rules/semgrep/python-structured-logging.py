import logging

from flask import Flask, request

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.post("/orders")
def order():
    # ruleid: python-structured-logging
    print("new order", request.json)
    # ok: python-structured-logging
    log.info("new order", extra={"order": request.json["id"]})
    return "", 201


if __name__ == "__main__":
    # ok: python-structured-logging
    print("starting")
