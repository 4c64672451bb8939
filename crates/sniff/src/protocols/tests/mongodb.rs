use crate::protocols::named;
use crate::testing::{Talk, assert_heard, heard, tapped};

/// Elements of a BSON document.
#[derive(Default, Clone)]
struct Document(Vec<u8>);

impl Document {
    fn element(mut self, kind: u8, name: &str, value: &[u8]) -> Self {
        self.0.extend([&[kind][..], name.as_bytes(), &[0], value].concat());
        self
    }

    fn text(self, name: &str, value: &str) -> Self {
        let bytes = [&(value.len() as u32 + 1).to_le_bytes()[..], value.as_bytes(), &[0]].concat();
        self.element(2, name, &bytes)
    }

    fn double(self, name: &str, value: f64) -> Self {
        self.element(1, name, &value.to_le_bytes())
    }

    fn int(self, name: &str, value: i32) -> Self {
        self.element(16, name, &value.to_le_bytes())
    }

    fn list(self, name: &str, inner: &Document) -> Self {
        self.element(4, name, &inner.bytes())
    }

    fn bytes(&self) -> Vec<u8> {
        [&(self.0.len() as u32 + 5).to_le_bytes()[..], &self.0, &[0]].concat()
    }
}

fn message(id: u32, answers: u32, code: u32, body: &[u8]) -> Vec<u8> {
    let head = [body.len() as u32 + 16, id, answers, code].map(u32::to_le_bytes);
    [&head.concat()[..], body].concat()
}

fn msg(id: u32, answers: u32, flags: u32, document: &Document) -> Vec<u8> {
    message(id, answers, 2013, &[&flags.to_le_bytes()[..], &[0], &document.bytes()].concat())
}

fn find(collection: &str) -> Document {
    let filter = Document::default().element(7, "_id", &[1; 12]);
    Document::default().text("find", collection).element(3, "filter", &filter.bytes()).text("$db", "shop")
}

fn ok() -> Document {
    Document::default().int("n", 1).double("ok", 1.0)
}

fn failure(code: i32, name: &str) -> Document {
    Document::default().double("ok", 0.0).text("errmsg", "no").int("code", code).text("codeName", name)
}

#[test]
fn commands_in_any_order_of_their_answers() {
    let mut talk = Talk::opened(27017);
    talk.client(
        [msg(1, 0, 0, &find("orders")), msg(2, 0, 0, &find("users")), msg(3, 0, 0, &find("orders"))].concat(),
    );
    talk.server(
        [msg(10, 3, 0, &ok()), msg(11, 1, 0, &failure(13, "Unauthorized")), msg(12, 2, 0, &ok())].concat(),
    );
    let more = Document::default()
        .element(18, "getMore", &9i64.to_le_bytes())
        .text("collection", "orders")
        .text("$db", "shop");
    talk.client(msg(4, 0, 0, &more)).server(msg(13, 4, 0, &ok()));
    let wanted =
        [("find", "shop.orders", 2, 1), ("find", "shop.users", 1, 0), ("getMore", "shop.orders", 1, 0)];
    let tap = assert_heard("mongodb", &talk, &wanted);
    assert_eq!(&*tap.tally.codes[0].text, "Unauthorized");
    // The one in the middle is lost: the others are not.
    let middle = talk.packets.iter().position(|packet| packet.bytes.len() > 100 && packet.is_client).unwrap();
    let mut kept = talk.packets.clone();
    kept.remove(middle);
    assert_eq!(heard(&tapped(named("mongodb").unwrap(), &kept, 27017))[0].0, "getMore");
}

#[test]
fn writes_with_sequences_errors_and_without_answers() {
    let insert = Document::default().text("insert", "logs").text("$db", "shop");
    let documents = [ok().bytes(), ok().bytes(), vec![0; 3000]].concat();
    let sequence = [&(documents.len() as u32 + 14).to_le_bytes()[..], b"documents\0", &documents].concat();
    // The documents may come before the command or after it.
    let after = [&[0; 4][..], &[0], &insert.bytes(), &[1], &sequence].concat();
    let small = [&20u32.to_le_bytes()[..], b"documents\0", &[0; 6]].concat();
    let before = [&[0; 4][..], &[1], &small, &[0], &insert.bytes()].concat();
    let mut talk = Talk::opened(27017);
    talk.client(message(1, 0, 2013, &after)).server(msg(9, 1, 0, &ok()));
    let one = Document::default().int("index", 0).int("code", 11000);
    let errors = Document::default().element(3, "0", &one.bytes());
    talk.client(message(2, 0, 2013, &before));
    talk.server(msg(
        10,
        2,
        0,
        &Document::default().int("n", 0).list("writeErrors", &errors).double("ok", 1.0),
    ));
    talk.client(msg(3, 0, 2, &insert));
    let tap = assert_heard("mongodb", &talk, &[("insert", "shop.logs", 3, 1)]);
    assert_eq!(&*tap.tally.codes[0].text, "11000");
    assert_eq!(tap.tally.services()[0].unanswered, 0);
}

#[test]
fn older_and_compressed_messages_and_streams() {
    let mut talk = Talk::opened(27017);
    let hello = Document::default().int("ismaster", 1);
    let query = |space: &str, document: &Document| {
        [&[0; 4][..], space.as_bytes(), &[0; 9], &document.bytes()].concat()
    };
    let reply =
        |flags: u8, document: &Document| [&[flags, 0, 0, 0][..], &[0; 16], &document.bytes()].concat();
    talk.client(message(1, 0, 2004, &query("admin.$cmd", &hello))).server(message(9, 1, 1, &reply(8, &ok())));
    talk.client(message(2, 0, 2004, &query("shop.orders", &ok()))).server(message(
        10,
        2,
        1,
        &reply(2, &ok()),
    ));
    talk.client(message(3, 0, 2002, b"\0\0\0\0shop.orders\0"));
    let packed = [&2013u32.to_le_bytes()[..], &99u32.to_le_bytes(), &[2], b"zzz"].concat();
    talk.client(message(4, 0, 2012, &packed)).server(message(11, 4, 2012, &packed));
    talk.client(msg(5, 0, 0x1_0000, &Document::default().int("hello", 1).text("$db", "admin")));
    talk.server([msg(12, 5, 2, &ok()), msg(13, 12, 2, &ok()), msg(14, 13, 0, &ok())].concat());
    let wanted = [
        ("compressed", "", 1, 0),
        ("hello", "admin", 1, 0),
        ("insert", "shop.orders", 1, 0),
        ("ismaster", "admin", 1, 0),
        ("query", "shop.orders", 1, 1),
    ];
    let tap = assert_heard("mongodb", &talk, &wanted);
    let service = &tap.tally.services()[0];
    assert_eq!((service.compressed, service.pushed, service.unasked), (2, 2, 0));
}
