const express = require("express");
const log = require("pino")();

const app = express();
app.post("/orders", (request, response) => {
  // ruleid: js-structured-logging
  console.log("new order", request.body);
  // ok: js-structured-logging
  log.info({ order: request.body.id }, "new order");
  response.sendStatus(201);
});
