from flask import Flask

app = Flask(__name__)
# ruleid: python-no-debug
app.config["DEBUG"] = True
# ruleid: python-no-debug
app.run(host="0.0.0.0", debug=True)
# ok: python-no-debug
app.run(debug=os.environ.get("SHOP_DEBUG") == "1")
# ok: python-no-debug
DEBUG = False


class Parser:
    def set_debug(self):
        # ok: python-no-debug
        self.debug = True


def interpreter(flags):
    made = Interpreter(flags)
    if "d" in flags:
        # ok: python-no-debug
        made.debug = True
    return made


shop = Flask("shop")
# ruleid: python-no-debug
shop.debug = True
