import os
import subprocess
import sys

# ruleid: python-step-checked
subprocess.run(["kubectl", "apply", "-f", "manifests/"])
# ruleid: python-step-checked
os.system("alembic upgrade head")
# ok: python-step-checked
subprocess.run(["kubectl", "apply", "-f", "manifests/"], check=True)
# ok: python-step-checked
done = subprocess.run(["helm", "upgrade", "shop", "./chart"])
# ok: python-step-checked
sys.exit(subprocess.call(["terraform", "apply", "release.tfplan"]))
# ok: python-step-checked
if subprocess.call(["docker", "push", image]) != 0:
    raise SystemExit("not pushed")
# ok: python-step-checked
subprocess.run(["true"])
