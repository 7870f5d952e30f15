import hashlib

# ruleid: python-password-hash
hashlib.md5(password.encode()).hexdigest()
# ruleid: python-password-hash
hashlib.sha256(salt + user_password.encode("utf-8"))
# ok: python-password-hash
hashlib.sha256(body)
# ok: python-password-hash
hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 600_000)
