// Package postgres keeps a record in a PostgreSQL database, which processes on many
// machines share. [Open] makes the tables or opens them; the [Store] that it returns is
// an [events.Store], an [events.Reader], an [events.PartReader], an [events.Waiter], an
// [events.Clock] and an [events.Syncer].
//
//	store, err := postgres.Open(ctx, "postgres://desk@db.example.org/news?sslmode=verify-full", nil)
//
// It needs PostgreSQL 15 or newer; its tests ran with 15.18. What it says to the server is
// chosen so that CockroachDB understands it too; see below.
//
// # The tables
//
// A record has a schema of its own, "onrecord" if [Options].Schema names no other, with
// two tables,
//
//	CREATE TABLE onrecord.record (
//		seq    bigint PRIMARY KEY CHECK (seq > 0),
//		data   bytea COMPRESSION lz4 NOT NULL CHECK (octet_length(data) BETWEEN 1 AND 900000),
//		before bigint GENERATED ALWAYS AS (nullif(seq - 1, 0)) STORED REFERENCES onrecord.record (seq)
//	);
//	CREATE TABLE onrecord.layout (version integer PRIMARY KEY);
//
// with record n in the row whose seq is n, and the version of this layout, 1, in the
// one row of the other. The column before refuses a row, by whatever means it is inserted,
// without the one before it. A server that was built without LZ4 compresses by its default,
// which serves as well and takes longer; see Costs. Any tool can read them:
//
//	psql news -c 'SELECT seq, length(data) FROM onrecord.record'
//
// # Roles
//
// Who makes the record owns it, and may do anything to it. Programs should append as a
// role that can do no more than that: it cannot change or remove what is recorded. Make
// the record once as the owner, by opening it, and then
//
//	GRANT USAGE ON SCHEMA onrecord TO writer;
//	GRANT SELECT ON onrecord.layout TO writer;
//	GRANT SELECT, INSERT ON onrecord.record TO writer;
//
// What such a role inserts without this package is the next record too, whatever its bytes
// are, and it cannot be any other number. A transaction that inserts it and does not end
// makes all other appends wait, up to [Options].Timeout; idle_in_transaction_session_timeout
// bounds that. The owner keeps the rights that it has on its own tables: the server checks
// the key in its name.
//
// A role that only reads and waits has SELECT in place of SELECT, INSERT. An append by
// it is refused with an error that is fs.ErrPermission.
//
// The connection string says who connects, and how: package pgxpool documents it.
// Ask for sslmode=verify-full wherever the network is not yours. With several hosts and
// target_session_attrs=read-write it finds the server that takes appends. Whatever it
// names must be one server at any time: with several hosts and no such setting, or with a
// balancer that spreads connections over standbys, each connection may reach another, so
// that what is appended on one is not yet read on the next, and Wait is told late.
//
// # Guarantees
//
// An Append is one statement, and so one transaction, at any isolation level. It inserts
// the row if the one before it is the last; the primary key decides between two that do
// so at once. Numbers come from no sequence: what is rolled back leaves no gap.
//
// An append whose answer is lost, because the server or the network fails or the context
// ends, is stored whole or not at all, and at most once: it is never sent a second time,
// unless it is certain that the first was not received or was rolled back.
//
// It may be stored later, after reads have not found it, for what was sent may still be
// under way, or wait in the server for another transaction. Once another record has its
// number, it never is. So who appends the same again after the same record stores it once,
// and after a conflict reads on before it appends it elsewhere. A graph does.
//
// A record that was acknowledged survives a crash of the server and of its machine if
// that syncs what it writes. Open refuses a server whose settings fsync or
// full_page_writes are off, and a table that is not logged, unless [Options].AcceptLoss
// says otherwise; a server that changes them later is not found out. A session whose
// synchronous_commit is off, by its role, its database or a pooler, commits each append
// as if it was on.
//
// A call waits for the server for [Options].Timeout at most. A graph, which reads on after
// an append of which it does not know the outcome, may wait for twice as long before its
// Record returns graph.ErrUnknownOutcome; its Close waits for that.
//
// Whether it survives the loss of the machine is the server's to say. With standbys that
// replicate asynchronously, the one that takes the server's place may lack what was
// acknowledged last, and the record goes on without it. A graph that has seen more says so
// when it reads on: with graph.ErrLost, or because the record before is another. But one that
// records before it has read on, when others have recorded as many in the place of what was
// lost, does not notice, and nobody can open the record from then on. So open the graphs anew
// after such a failover, or have none: set synchronous_standby_names, leave synchronous_commit
// on, and an append is acknowledged when a standby has it too. One that is acknowledged though
// the server gave up waiting for that, because an administrator cancelled it, is reported as
// an error, its outcome unknown. It can be read then, as can one for which a server had not
// yet waited when it was killed, and is on no other for all one knows: Sync waits until all
// that can be read is. A standby can be read and followed, some time behind; it refuses
// appends.
//
// Scan and Read see what was committed when they were sent. Scan reads in pages, each
// one statement, and holds neither a transaction nor a connection in between. A gap in
// the numbers is an error that is events.ErrDamaged. PostgreSQL checks its pages for
// flipped bits only in a cluster that was made with data checksums; the records of this
// module carry a checksum of their own, which is checked where they are decoded.
//
// # Waiting
//
// Each append tells the channel "onrecord:" and the schema's name, with NOTIFY, in its
// own transaction. A Store whose Wait was called holds one connection beside the pool
// that listens there, for all who wait. It looks every five seconds besides. When that
// connection is lost it makes another, after 10 milliseconds at first and a second at
// most, and looks at once.
//
// A standby cannot listen; it is asked again every minute, since it may take its server's
// place. Where there can be no connection more, because of a limit on a role's, a server's
// or a pooler's, Wait looks through the pool. In both cases it looks every
// [Options].WaitInterval.
//
// A pooler that gives each transaction another session loses what is told. With PgBouncer's
// pool_mode=transaction say two things: [Options].NoListen, with which Wait only looks; and
// default_query_exec_mode=exec in the connection string, which sends each statement's text
// every time, unless the pooler keeps prepared statements, as PgBouncer does from 1.21 on if
// max_prepared_statements is above 0. The first was run with PgBouncer 1.18 (TestPooler,
// which is skipped where PgBouncer is not installed), the second was not.
//
// # Backup and restore
//
// Rows are only ever added, and only after all before them, so whatever copies the
// database at one moment has a record up to some number: pg_dump, pg_basebackup, an
// archive of the log restored to any point in time.
//
//	pg_dump --schema=onrecord --format=custom --file=tuesday.dump news
//	pg_restore --dbname=restored tuesday.dump
//
// Package proof verifies what was restored.
//
// # Costs
//
// An append is one round trip and one flush of the server's log. In one run, with the
// server on the same machine, it took 1.3 times as long as a plain INSERT of the same
// bytes by the driver for 900 bytes and 1.1 times for 200,000, and 1.4 to 3 times as long
// as writing and syncing them in a file (BenchmarkAppend). A connection costs one more
// round trip the first time that it appends, to prepare the statement, and whenever it
// was idle for more than a second, to see whether it still is one.
//
// The server compresses what is larger than 2 KB. Records of 170,000 bytes took half of that
// on its disk, by LZ4 as by PostgreSQL's own pglz; with LZ4 an append took half as long as
// with pglz, and no longer than one without compression. 200 bytes of such a record were read
// in a seventh to three fifths of the time of all of it, however it is kept (BenchmarkLarge;
// the server was busy). A table that was made by an earlier release, or restored from a dump of
// such a one, uses the server's default, which is pglz if nobody has changed it. Its owner may
// say otherwise at any time, which changes how the next records are kept and nothing else:
//
//	ALTER TABLE onrecord.record ALTER COLUMN data SET COMPRESSION lz4
//
// A Wait was woken 1.2 times as long after the append was acknowledged as a query for the
// last number takes, 0.1 milliseconds (BenchmarkWake).
//
// PostgreSQL lets only one transaction at a time commit that notifies anyone, in all its
// databases, and waits for the disk meanwhile. The appends to one record follow one
// another anyway. But a server with 16 records that are appended to all the time took 3
// to 10 times as many appends with [Options].NoNotify as without, and one with 64 took 6
// to 20 times as many (BenchmarkWriters).
//
// A Store has as many connections as the pool, pool_max_conns in the connection string,
// which is 4 or the number of processors if that is more, and the one that listens.
//
// # Limits
//
// A record is far below what a bytea may have, 1 GB. The records of one table are limited
// by its size, 32 TB with pages of 8 KB.
//
// # CockroachDB
//
// It has neither NOTIFY nor the settings above. The Store notices that, inserts without
// telling anyone, Sync has nothing to do, and Wait looks every [Options].WaitInterval. Its
// statements keep to what CockroachDB is documented to accept, which since 2024 is also a
// foreign key on a stored computed column; none was run there.
package postgres
