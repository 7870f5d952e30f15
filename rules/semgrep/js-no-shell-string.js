const { exec, execFile } = require("child_process");

// ruleid: js-no-shell-string
exec(`git log ${branch}`);
// ruleid: js-no-shell-string
exec("tar xf " + name, done);
// ok: js-no-shell-string
execFile("git", ["log", branch]);
// ok: js-no-shell-string
exec("npm run build");
// ok: js-no-shell-string
/v(\d+)/.exec(text);
