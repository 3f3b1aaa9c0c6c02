BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0015');
CREATE TABLE answers (
	actor TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	fingerprint BLOB NOT NULL, 
	status INTEGER, 
	etag TEXT, 
	body BLOB, 
	created_at TEXT NOT NULL, boards TEXT, scope TEXT, 
	CONSTRAINT pk_answers PRIMARY KEY (actor, "key")
);
CREATE TABLE attempts (
	ticket_id INTEGER NOT NULL, 
	number BIGINT NOT NULL, 
	holder TEXT NOT NULL, 
	claimed_at TEXT NOT NULL, 
	ended_at TEXT, 
	reason TEXT, 
	note TEXT, seat BIGINT, 
	CONSTRAINT pk_attempts PRIMARY KEY (ticket_id, number), 
	CONSTRAINT fk_attempts_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id)
)
 WITHOUT ROWID

;
INSERT INTO "attempts" VALUES(2,1,'bob','2026-11-24T19:21:50.038706Z',NULL,NULL,NULL,2);
INSERT INTO "attempts" VALUES(5,1,'ada','2026-11-24T19:21:50.186988Z',NULL,NULL,NULL,1);
CREATE TABLE avatars (
	user_id INTEGER NOT NULL, 
	image BLOB NOT NULL, 
	CONSTRAINT pk_avatars PRIMARY KEY (user_id), 
	CONSTRAINT fk_avatars_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);
CREATE TABLE bases (
	board_id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	at TEXT NOT NULL, 
	data TEXT NOT NULL, 
	CONSTRAINT pk_bases PRIMARY KEY (board_id), 
	CONSTRAINT fk_bases_board_id FOREIGN KEY(board_id) REFERENCES boards (id)
);
CREATE TABLE blob_chunks (
	blob_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	CONSTRAINT pk_blob_chunks PRIMARY KEY (blob_id, number), 
	CONSTRAINT fk_blob_chunks_blob_id FOREIGN KEY(blob_id) REFERENCES blobs (id)
);
CREATE TABLE blobs (
	id INTEGER NOT NULL, 
	board_id INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	place TEXT NOT NULL, 
	state TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_blobs PRIMARY KEY (id), 
	CONSTRAINT fk_blobs_board_id FOREIGN KEY(board_id) REFERENCES boards (id)
);
CREATE TABLE boards (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT, 
	columns TEXT NOT NULL, 
	counts TEXT NOT NULL, 
	next_column_id BIGINT NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	version BIGINT NOT NULL, 
	epoch TEXT NOT NULL, 
	seq BIGINT NOT NULL, 
	floor BIGINT DEFAULT 0 NOT NULL, 
	last_at TEXT NOT NULL, wip_per_user BIGINT, review INTEGER DEFAULT 0 NOT NULL, tallies TEXT DEFAULT '{}' NOT NULL, claim_floor BIGINT DEFAULT 0 NOT NULL, made_by BIGINT, require TEXT DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_boards PRIMARY KEY (id)
);
INSERT INTO "boards" VALUES(1,'My First Board',NULL,'[{"id":1,"name":"Not Started","role":"todo","limit":null},{"id":2,"name":"In Progress","role":"working","limit":null},{"id":3,"name":"Blocked","role":"waiting","limit":null},{"id":4,"name":"Ready for QC","role":"waiting","limit":null},{"id":5,"name":"Done","role":"done","limit":null}]','{}',6,'2026-11-24T19:21:48.128252Z','2026-11-24T19:21:48.128252Z',NULL,1,'e3c5deee',1,0,'2026-11-24T19:21:48.129598Z',NULL,0,'{}',1001,NULL,'[]');
INSERT INTO "boards" VALUES(2,'Old board',NULL,'[{"id":1,"name":"Todo","role":"todo","limit":null},{"id":2,"name":"Doing","role":"waiting","limit":null},{"id":3,"name":"Done","role":"done","limit":null}]','{"1":3,"3":1}',4,'2026-11-24T19:21:49.323665Z','2026-11-24T19:21:49.323665Z',NULL,1,'14962e18',15,0,'2026-11-24T19:21:50.186988Z',NULL,0,'{"1":[0,1,2],"3":[1,0,0]}',1001,NULL,'["criteria"]');
CREATE TABLE comments (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	board_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	author TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT, 
	deleted_at TEXT, 
	CONSTRAINT pk_comments PRIMARY KEY (id), 
	CONSTRAINT fk_comments_board_id FOREIGN KEY(board_id) REFERENCES boards (id), 
	CONSTRAINT fk_comments_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id)
);
INSERT INTO "comments" VALUES(1,2,2,'commented','bob','2026-11-24T19:21:49.522576Z',NULL,NULL);
CREATE TABLE dependencies (
	ticket_id INTEGER NOT NULL, 
	blocker_id INTEGER NOT NULL, 
	CONSTRAINT pk_dependencies PRIMARY KEY (ticket_id, blocker_id), 
	CONSTRAINT fk_dependencies_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id), 
	CONSTRAINT fk_dependencies_blocker_id FOREIGN KEY(blocker_id) REFERENCES tickets (id)
)
 WITHOUT ROWID

;
INSERT INTO "dependencies" VALUES(1,2);
CREATE TABLE events (
	board_id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	ticket_id BIGINT, 
	actor TEXT NOT NULL, 
	actor_id BIGINT, 
	client TEXT, 
	tx TEXT NOT NULL, 
	at TEXT NOT NULL, 
	data TEXT NOT NULL, token TEXT, address TEXT, agent TEXT, 
	CONSTRAINT pk_events PRIMARY KEY (board_id, seq), 
	CONSTRAINT fk_events_board_id FOREIGN KEY(board_id) REFERENCES boards (id)
)
 WITHOUT ROWID

;
INSERT INTO "events" VALUES(1,1,'board_created',NULL,'system',NULL,NULL,'b7e269545d63fd0f','2026-11-24T19:21:48.129598Z','{"id":1,"name":"My First Board","description":null,"columns":["Not Started","In Progress","Blocked","Ready for QC","Done"],"column_settings":[{"id":1,"name":"Not Started","role":"todo","limit":null},{"id":2,"name":"In Progress","role":"working","limit":null},{"id":3,"name":"Blocked","role":"waiting","limit":null},{"id":4,"name":"Ready for QC","role":"waiting","limit":null},{"id":5,"name":"Done","role":"done","limit":null}],"created_at":"2026-11-24T19:21:48.128252Z","updated_at":"2026-11-24T19:21:48.128252Z","version":1,"wip_per_user":null,"review":false}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,1,'board_created',NULL,'ada',NULL,NULL,'f014b35454aa0bed','2026-11-24T19:21:49.323819Z','{"id":2,"name":"Old board","description":null,"columns":["Todo","Doing","Done"],"column_settings":[{"id":1,"name":"Todo","role":"todo","limit":null},{"id":2,"name":"Doing","role":"waiting","limit":null},{"id":3,"name":"Done","role":"done","limit":null}],"created_at":"2026-11-24T19:21:49.323665Z","updated_at":"2026-11-24T19:21:49.323665Z","version":1,"wip_per_user":null,"review":false}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,2,'ticket_created',1,'ada',NULL,NULL,'50b5d36333f94ae5','2026-11-24T19:21:49.361279Z','{"id":1,"board_id":2,"title":"Le vieux ticket","description":"été","acceptance_criteria":null,"priority":"high","assignee":null,"labels":["a"],"current_column":"Todo","place":"a0","created_by":"ada","updated_by":"ada","assigned_by":null,"created_at":"2026-11-24T19:21:49.361279Z","updated_at":"2026-11-24T19:21:49.361279Z","column_entered_at":"2026-11-24T19:21:49.361279Z","version":1,"comment_count":0,"claim":null,"source_id":null,"extra":null,"blocked_by":[],"parent":null}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,3,'ticket_created',2,'ada',NULL,NULL,'679202d55a135cd6','2026-11-24T19:21:49.418315Z','{"id":2,"board_id":2,"title":"Second","description":null,"acceptance_criteria":null,"priority":"medium","assignee":null,"labels":[],"current_column":"Todo","place":"a1","created_by":"ada","updated_by":"ada","assigned_by":null,"created_at":"2026-11-24T19:21:49.418315Z","updated_at":"2026-11-24T19:21:49.418315Z","column_entered_at":"2026-11-24T19:21:49.418315Z","version":1,"comment_count":0,"claim":null,"source_id":null,"extra":null,"blocked_by":[],"parent":null}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,4,'ticket_created',3,'ada',NULL,NULL,'183ebe75c393e980','2026-11-24T19:21:49.486620Z','{"id":3,"board_id":2,"title":"Third","description":null,"acceptance_criteria":null,"priority":"medium","assignee":null,"labels":[],"current_column":"Todo","place":"a2","created_by":"ada","updated_by":"ada","assigned_by":null,"created_at":"2026-11-24T19:21:49.486620Z","updated_at":"2026-11-24T19:21:49.486620Z","column_entered_at":"2026-11-24T19:21:49.486620Z","version":1,"comment_count":0,"claim":null,"source_id":null,"extra":null,"blocked_by":[],"parent":null}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,5,'comment_added',2,'bob',NULL,NULL,'1e47c170383fc1a3','2026-11-24T19:21:49.522576Z','{"id":1,"ticket_id":2,"board_id":2,"text":"commented","author":"bob","created_at":"2026-11-24T19:21:49.522576Z","updated_at":null,"comment_count":1}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,6,'ticket_moved',3,'ada',NULL,NULL,'32ee4fae310d32c5','2026-11-24T19:21:49.843596Z','{"id":3,"title":"Third","board_id":2,"from_column":"Todo","to_column":"Done","current_column":"Done","from_place":"a2","place":"a0","column_entered_at":"2026-11-24T19:21:49.843596Z","moved_by":"ada","moved_at":"2026-11-24T19:21:49.843596Z","updated_by":"ada","updated_at":"2026-11-24T19:21:49.843596Z","version":2}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,7,'ticket_updated',1,'ada',NULL,NULL,'e1965a1a9df41152','2026-11-24T19:21:49.876130Z','{"id":1,"board_id":2,"title":"Le vieux ticket","updated_by":"ada","updated_at":"2026-11-24T19:21:49.876130Z","version":2,"acceptance_criteria":"- [x] found\n- kept","assignee":"bob","assigned_by":"ada","changes":{"acceptance_criteria":{"from":null,"to":"- [x] found\n- kept"},"assignee":{"from":null,"to":"bob"}},"changed_by":"ada"}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,8,'ticket_created',4,'ada',NULL,NULL,'678e581be93b81cb','2026-11-24T19:21:49.950267Z','{"id":4,"board_id":2,"title":"Gone","description":null,"acceptance_criteria":null,"priority":"medium","assignee":null,"labels":[],"current_column":"Todo","place":"a2","created_by":"ada","updated_by":"ada","assigned_by":null,"created_at":"2026-11-24T19:21:49.950267Z","updated_at":"2026-11-24T19:21:49.950267Z","column_entered_at":"2026-11-24T19:21:49.950267Z","version":1,"comment_count":0,"claim":null,"source_id":null,"extra":null,"blocked_by":[],"parent":null}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,9,'ticket_deleted',4,'ada',NULL,NULL,'4fc3850749e2b249','2026-11-24T19:21:49.969699Z','{"id":4,"board_id":2,"title":"Gone","deleted_by":"ada","version":2}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,10,'ticket_updated',1,'ada',NULL,NULL,'af3af6b83aedc7cd','2026-11-24T19:21:50.011519Z','{"id":1,"board_id":2,"title":"Le vieux ticket","updated_by":"ada","updated_at":"2026-11-24T19:21:50.011519Z","version":3,"changes":{"blocked_by":{"from":[],"to":[2]}},"changed_by":"ada","blocked_by":[2],"parent":null}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,11,'ticket_blocked',1,'ada',NULL,NULL,'af3af6b83aedc7cd','2026-11-24T19:21:50.011519Z','{"id":1,"board_id":2,"title":"Le vieux ticket","open":[2]}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,12,'ticket_claimed',2,'bob',NULL,NULL,'bc8fcb2f5c03dd86','2026-11-24T19:21:50.038706Z','{"id":2,"board_id":2,"title":"Second","updated_by":"bob","updated_at":"2026-11-24T19:21:50.038706Z","version":2,"claim":{"holder":"bob","number":1},"assignee":"bob","assigned_by":"bob","claimed_by":"bob","from_assignee":null,"expires_at":null}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,13,'ticket_created',5,'ada',NULL,NULL,'57e54100b5aa54f5','2026-11-24T19:21:50.097172Z','{"id":5,"board_id":2,"title":"Child","description":null,"acceptance_criteria":null,"priority":"medium","assignee":null,"labels":[],"current_column":"Todo","place":"a2","created_by":"ada","updated_by":"ada","assigned_by":null,"created_at":"2026-11-24T19:21:50.097172Z","updated_at":"2026-11-24T19:21:50.097172Z","column_entered_at":"2026-11-24T19:21:50.097172Z","version":1,"comment_count":0,"claim":null,"source_id":null,"extra":null,"blocked_by":[],"parent":null}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,14,'ticket_updated',5,'ada',NULL,NULL,'57e54100b5aa54f5','2026-11-24T19:21:50.097172Z','{"id":5,"board_id":2,"title":"Child","updated_by":"ada","updated_at":"2026-11-24T19:21:50.097172Z","version":2,"changes":{"parent":{"from":null,"to":1}},"changed_by":"ada","blocked_by":[],"parent":1}',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,15,'ticket_claimed',5,'ada',NULL,NULL,'8cb10eb04c975ea3','2026-11-24T19:21:50.186988Z','{"id":5,"board_id":2,"title":"Child","updated_by":"ada","updated_at":"2026-11-24T19:21:50.186988Z","version":3,"claim":{"holder":"ada","number":1},"assignee":"ada","assigned_by":"ada","claimed_by":"ada","from_assignee":null,"expires_at":"2026-11-24T19:51:50.186988Z"}',NULL,NULL,NULL);
CREATE TABLE files (
	id INTEGER NOT NULL, 
	board_id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	media_type TEXT NOT NULL, 
	width INTEGER, 
	height INTEGER, 
	blob_id INTEGER NOT NULL, 
	thumbnail_id INTEGER, 
	created_by TEXT NOT NULL, 
	created_by_id BIGINT, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_files PRIMARY KEY (id), 
	CONSTRAINT fk_files_board_id FOREIGN KEY(board_id) REFERENCES boards (id), 
	CONSTRAINT fk_files_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id), 
	CONSTRAINT fk_files_blob_id FOREIGN KEY(blob_id) REFERENCES blobs (id), 
	CONSTRAINT fk_files_thumbnail_id FOREIGN KEY(thumbnail_id) REFERENCES blobs (id), 
	CONSTRAINT uq_files_ticket_id_name UNIQUE (ticket_id, name)
);
CREATE TABLE import_bases (
	ticket_id INTEGER NOT NULL, 
	base TEXT NOT NULL, 
	CONSTRAINT pk_import_bases PRIMARY KEY (ticket_id), 
	CONSTRAINT fk_import_bases_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id)
);
CREATE TABLE inbox (
	name TEXT NOT NULL, 
	board_id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	comment_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	CONSTRAINT pk_inbox PRIMARY KEY (name, board_id, seq), 
	CONSTRAINT fk_inbox_board_id FOREIGN KEY(board_id) REFERENCES boards (id), 
	CONSTRAINT fk_inbox_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id), 
	CONSTRAINT fk_inbox_comment_id FOREIGN KEY(comment_id) REFERENCES comments (id)
)
 WITHOUT ROWID

;
INSERT INTO "inbox" VALUES('ada',1,3,2,1,'ask');
INSERT INTO "inbox" VALUES('bob',2,5,2,1,'mention');
CREATE TABLE inbox_read (
	name TEXT NOT NULL, 
	board_id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	CONSTRAINT pk_inbox_read PRIMARY KEY (name, board_id), 
	CONSTRAINT fk_inbox_read_board_id FOREIGN KEY(board_id) REFERENCES boards (id)
)
 WITHOUT ROWID

;
CREATE TABLE invites (
	id INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	by_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT, 
	role TEXT NOT NULL, 
	access TEXT NOT NULL, 
	boards TEXT, 
	created_at TEXT NOT NULL, 
	expires_at TEXT NOT NULL, 
	used_at TEXT, 
	CONSTRAINT pk_invites PRIMARY KEY (id), 
	CONSTRAINT fk_invites_by_id FOREIGN KEY(by_id) REFERENCES users (id), 
	CONSTRAINT uq_invites_hash UNIQUE (hash)
);
CREATE TABLE members (
	board_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	since TEXT NOT NULL, 
	CONSTRAINT pk_members PRIMARY KEY (board_id, user_id), 
	CONSTRAINT fk_members_board_id FOREIGN KEY(board_id) REFERENCES boards (id), 
	CONSTRAINT fk_members_user_id FOREIGN KEY(user_id) REFERENCES users (id)
)
 WITHOUT ROWID

;
INSERT INTO "members" VALUES(2,2,'user','2026-01-01T00:00:00.000000Z');
CREATE TABLE roster (
	id INTEGER NOT NULL, 
	version BIGINT NOT NULL, 
	CONSTRAINT pk_roster PRIMARY KEY (id)
);
INSERT INTO "roster" VALUES(1,0);
CREATE TABLE sessions (
	hash BLOB NOT NULL, 
	token_id INTEGER NOT NULL, 
	created_at TEXT NOT NULL, 
	expires_at TEXT NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (hash), 
	CONSTRAINT fk_sessions_token_id FOREIGN KEY(token_id) REFERENCES tokens (id)
)
 WITHOUT ROWID

;
CREATE TABLE ticket_labels (
	board_id INTEGER NOT NULL, 
	label TEXT NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	CONSTRAINT pk_ticket_labels PRIMARY KEY (board_id, label, ticket_id), 
	CONSTRAINT fk_ticket_labels_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id)
)
 WITHOUT ROWID

;
INSERT INTO "ticket_labels" VALUES(2,'a',1);
CREATE TABLE tickets (
	id INTEGER NOT NULL, 
	board_id INTEGER NOT NULL, 
	column_id BIGINT NOT NULL, 
	place TEXT NOT NULL, 
	title TEXT NOT NULL, 
	description TEXT, 
	acceptance_criteria TEXT, 
	priority TEXT NOT NULL, 
	priority_key TEXT NOT NULL, 
	assignee TEXT, 
	labels TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	updated_by TEXT NOT NULL, 
	assigned_by TEXT, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	column_entered_at TEXT NOT NULL, 
	deleted_at TEXT, 
	version BIGINT NOT NULL, 
	comment_count BIGINT DEFAULT 0 NOT NULL, 
	claim_holder TEXT, 
	claim_number BIGINT DEFAULT 0 NOT NULL, 
	source_id TEXT, 
	extra TEXT, blocked_by TEXT DEFAULT '[]' NOT NULL, parent INTEGER, open_blockers BIGINT DEFAULT 0 NOT NULL, children BIGINT DEFAULT 0 NOT NULL, open_children BIGINT DEFAULT 0 NOT NULL, expiries BIGINT DEFAULT 0 NOT NULL, needs_human INTEGER DEFAULT 0 NOT NULL, claim_seconds BIGINT, claim_from_column BIGINT, claim_to_column BIGINT, claim_expires_at TEXT, claim_from_assignee TEXT, due_date TEXT, links TEXT DEFAULT '[]' NOT NULL, archived_at TEXT, claim_user_id BIGINT, claim_seat BIGINT, open_question BIGINT, not_before TEXT, needs TEXT DEFAULT '[]' NOT NULL, asked TEXT DEFAULT '[]' NOT NULL, files TEXT DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_tickets PRIMARY KEY (id), 
	CONSTRAINT fk_tickets_board_id FOREIGN KEY(board_id) REFERENCES boards (id), 
	CONSTRAINT uq_tickets_board_id_source_id UNIQUE (board_id, source_id)
);
INSERT INTO "tickets" VALUES(1,2,1,'a0','Le vieux ticket','été','- [x] found
- kept','high','000001','bob','["a"]','ada','ada','ada','2026-11-24T19:21:49.361279Z','2026-11-24T19:21:50.011519Z','2026-11-24T19:21:49.361279Z',NULL,3,0,NULL,0,NULL,NULL,'[2]',NULL,1,1,1,0,0,NULL,NULL,NULL,NULL,NULL,'2026-02-03','[{"kind":"url","ref":"https://example.com/"}]',NULL,NULL,NULL,NULL,NULL,'[]','[]','[]');
INSERT INTO "tickets" VALUES(2,2,1,'a1','Second',NULL,NULL,'medium','000002','bob','[]','ada','bob','bob','2026-11-24T19:21:49.418315Z','2026-11-24T19:21:50.038706Z','2026-11-24T19:21:49.418315Z',NULL,2,1,'bob',1,NULL,NULL,'[]',NULL,0,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL,'[]',NULL,2,2,1,NULL,'[]','[]','[]');
INSERT INTO "tickets" VALUES(3,2,3,'a0','Third',NULL,NULL,'medium','000002',NULL,'[]','ada','ada',NULL,'2026-11-24T19:21:49.486620Z','2026-11-24T19:21:49.843596Z','2026-11-24T19:21:49.843596Z',NULL,2,0,NULL,0,NULL,NULL,'[]',NULL,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,'[]',NULL,NULL,NULL,NULL,NULL,'[]','[]','[]');
INSERT INTO "tickets" VALUES(4,2,1,'a2','Gone',NULL,NULL,'medium','000002',NULL,'[]','ada','ada',NULL,'2026-11-24T19:21:49.950267Z','2026-11-24T19:21:49.969699Z','2026-11-24T19:21:49.950267Z','2026-11-24T19:21:49.969699Z',2,0,NULL,0,NULL,NULL,'[]',NULL,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,'[]',NULL,NULL,NULL,NULL,NULL,'[]','[]','[]');
INSERT INTO "tickets" VALUES(5,2,1,'a2','Child',NULL,NULL,'medium','000002','ada','[]','ada','ada','ada','2026-11-24T19:21:50.097172Z','2026-11-24T19:21:50.186988Z','2026-11-24T19:21:50.097172Z',NULL,3,0,'ada',1,NULL,NULL,'[]',1,0,0,0,0,0,1800,NULL,NULL,'2026-11-24T19:51:50.186988Z',NULL,NULL,'[]',NULL,1,1,NULL,NULL,'[]','[]','[]');
CREATE TABLE tokens (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	beginning TEXT NOT NULL, 
	hash BLOB NOT NULL, 
	access TEXT NOT NULL, 
	boards TEXT, 
	created_at TEXT NOT NULL, 
	expires_at TEXT, 
	last_used_at TEXT, 
	revoked_at TEXT, can TEXT, 
	CONSTRAINT pk_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id), 
	CONSTRAINT uq_tokens_hash UNIQUE (hash)
);
CREATE TABLE users (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	former_names TEXT DEFAULT '[]' NOT NULL, 
	display_name TEXT, 
	role TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	owner_id INTEGER, 
	team TEXT, 
	theme TEXT DEFAULT 'system' NOT NULL, 
	notifications TEXT DEFAULT 'mentions' NOT NULL, 
	avatar_type TEXT, 
	created_at TEXT NOT NULL, 
	disabled_at TEXT, can TEXT DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT fk_users_owner_id FOREIGN KEY(owner_id) REFERENCES users (id), 
	CONSTRAINT uq_users_name UNIQUE (name)
);
INSERT INTO "users" VALUES(1,'ada','[]',NULL,'admin','person',NULL,NULL,'system','mentions',NULL,'2026-01-01T00:00:00.000000Z',NULL,'[]');
INSERT INTO "users" VALUES(2,'bob','[]',NULL,'user','person',NULL,NULL,'system','mentions',NULL,'2026-01-01T00:00:00.000000Z',NULL,'[]');
CREATE TABLE webhooks (
	id INTEGER NOT NULL, 
	board_id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	events TEXT NOT NULL, 
	seq BIGINT NOT NULL, 
	created_by TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	tries BIGINT DEFAULT 0 NOT NULL, 
	due_at TEXT, 
	failing_since TEXT, 
	problem TEXT, 
	disabled_at TEXT, 
	taken_until TEXT, 
	CONSTRAINT pk_webhooks PRIMARY KEY (id), 
	CONSTRAINT fk_webhooks_board_id FOREIGN KEY(board_id) REFERENCES boards (id)
);
INSERT INTO "webhooks" VALUES(1,2,'https://example.com/hook','whsec_c2VjcmV0','[]',3,'ada','2026-01-01T00:00:00.000000Z',0,NULL,NULL,NULL,NULL,NULL);
CREATE INDEX ix_ticket_labels_ticket_id ON ticket_labels (ticket_id);
CREATE INDEX ix_comments_ticket_id ON comments (ticket_id, id);
CREATE INDEX ix_events_ticket_id ON events (ticket_id, seq);
CREATE INDEX ix_tickets_holder ON tickets (board_id, claim_holder) WHERE claim_holder IS NOT NULL;
CREATE INDEX ix_tickets_lease ON tickets (board_id, claim_expires_at) WHERE claim_expires_at IS NOT NULL;
CREATE INDEX ix_tickets_parent ON tickets (parent) WHERE parent IS NOT NULL;
CREATE INDEX ix_dependencies_blocker_id ON dependencies (blocker_id);
CREATE INDEX ix_tickets_in_order ON tickets (board_id, column_id, place, id) WHERE deleted_at IS NULL AND archived_at IS NULL;
CREATE INDEX ix_tickets_blocked ON tickets (board_id, column_id, place, id) WHERE deleted_at IS NULL AND archived_at IS NULL AND (open_blockers > 0 OR open_children > 0);
CREATE INDEX ix_tickets_due ON tickets (board_id, due_date) WHERE deleted_at IS NULL AND archived_at IS NULL AND due_date IS NOT NULL;
CREATE INDEX ix_tickets_archived ON tickets (board_id, column_id, place, id) WHERE archived_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX ix_users_owner_id ON users (owner_id);
CREATE INDEX ix_tokens_user_id ON tokens (user_id);
CREATE INDEX ix_sessions_token_id ON sessions (token_id);
CREATE INDEX ix_members_user_id ON members (user_id);
CREATE INDEX ix_invites_by_id ON invites (by_id);
CREATE INDEX ix_webhooks_board_id ON webhooks (board_id);
CREATE INDEX ix_answers_created_at ON answers (created_at);
CREATE INDEX ix_tickets_assignee ON tickets (board_id, assignee) WHERE deleted_at IS NULL AND archived_at IS NULL AND assignee > '';
CREATE INDEX ix_tickets_ready ON tickets (board_id, column_id, assignee, priority_key, place) WHERE deleted_at IS NULL AND archived_at IS NULL AND claim_holder IS NULL AND open_blockers = 0 AND open_children = 0 AND needs_human = 0 AND not_before IS NULL;
CREATE INDEX ix_tickets_ready_in_order ON tickets (board_id, column_id, place, id) WHERE deleted_at IS NULL AND archived_at IS NULL AND claim_holder IS NULL AND open_blockers = 0 AND open_children = 0 AND needs_human = 0 AND not_before IS NULL;
CREATE INDEX ix_tickets_not_before ON tickets (board_id, not_before) WHERE deleted_at IS NULL AND archived_at IS NULL AND not_before IS NOT NULL;
CREATE UNIQUE INDEX ix_blobs_content ON blobs (board_id, hash) WHERE state = 'attached';
CREATE INDEX ix_blobs_not_in_use ON blobs (state) WHERE state != 'attached';
CREATE INDEX ix_files_board_id ON files (board_id);
CREATE INDEX ix_files_blob_id ON files (blob_id);
CREATE INDEX ix_files_thumbnail_id ON files (thumbnail_id);
CREATE VIRTUAL TABLE ticket_search USING fts5(words, prefix='2 3', tokenize="ascii tokenchars '+#'");
INSERT INTO ticket_search (rowid, words) VALUES (1, 'le vieux ticket ete x found kept');
INSERT INTO ticket_search (rowid, words) VALUES (2, 'second commented');
INSERT INTO ticket_search (rowid, words) VALUES (3, 'third');
INSERT INTO ticket_search (rowid, words) VALUES (5, 'child');
COMMIT;
