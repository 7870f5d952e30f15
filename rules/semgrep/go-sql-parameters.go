package shop

import (
	"database/sql"
	"fmt"
)

func orders(db *sql.DB, customer string) {
	// ruleid: go-sql-parameters
	db.Query(fmt.Sprintf("SELECT * FROM orders WHERE customer = '%s'", customer))
	// ruleid: go-sql-parameters
	db.Exec("DELETE FROM orders WHERE customer = '" + customer + "'")
	// ok: go-sql-parameters
	db.Query("SELECT * FROM orders WHERE customer = $1", customer)
	// ok: go-sql-parameters
	runner.Exec("shop-" + customer)
}
