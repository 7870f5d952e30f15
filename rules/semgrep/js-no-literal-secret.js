// ruleid: js-no-literal-secret
const dbPassword = "k4tze-auf-dem-dach";
// ruleid: js-no-literal-secret
const secret = process.env.SESSION_SECRET || "b1f0a9c2d37e4856";
// ruleid: js-no-literal-secret
connect({ host: "db1", password: "k4tze-auf-dem-dach" });
// ok: js-no-literal-secret
const password = process.env.DB_PASSWORD;
// ok: js-no-literal-secret
const passwordField = "password-input-1";
// ok: js-no-literal-secret
connect({ host: "db1", password: "changeme1" });
