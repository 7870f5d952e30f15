import os

# ruleid: python-no-literal-secret
DB_PASSWORD = "k4tze-auf-dem-dach"
# ruleid: python-no-literal-secret
SECRET_KEY = os.environ.get("SECRET_KEY", "b1f0a9c2d37e4856")
# ruleid: python-no-literal-secret
connect(host="db1", password="k4tze-auf-dem-dach")
# ok: python-no-literal-secret
DB_PASSWORD = os.environ["DB_PASSWORD"]
# ok: python-no-literal-secret
PASSWORD_FIELD = "password_input_1"
# ok: python-no-literal-secret
connect(host="db1", password="changeme1")
