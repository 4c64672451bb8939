//! Which group a process belongs to.

mod users;

use crate::options::pattern::Pattern;
use crate::options::process::{Condition, Field, Rule};
use crate::{Host, Process, ProcessTable};
use users::Users;

pub(super) struct Rules {
    rules: Vec<Rule>,
    /// The place of each rule's group.
    places: Vec<u16>,
    users: Users,
}

impl Rules {
    /// `place` tells the place of a rule's group.
    pub(super) fn new(host: &Host, rules: &[Rule], place: impl Fn(&Rule) -> u16) -> Self {
        Self { rules: rules.to_vec(), places: rules.iter().map(place).collect(), users: Users::new(host) }
    }

    /// The place of the group of the first rule that the process follows. Only what the rules ask for is read.
    pub(super) fn find(
        &mut self,
        process: &Process,
        table: &ProcessTable,
        buffer: &mut Vec<u8>,
    ) -> Option<u16> {
        let users = &mut self.users;
        let mut holds = |condition: &Condition| holds(condition, process, table, users, buffer);
        let at = self.rules.iter().position(|rule| rule.conditions.iter().all(&mut holds))?;
        Some(self.places[at])
    }
}

fn holds(
    condition: &Condition,
    process: &Process,
    table: &ProcessTable,
    users: &mut Users,
    buffer: &mut Vec<u8>,
) -> bool {
    let any = |bytes: &[u8]| condition.patterns.iter().any(|pattern| pattern.matches(bytes));
    match condition.field {
        Field::Name => any(process.stat.name.as_bytes()),
        Field::Program => {
            table.read_program(process, buffer).is_some_and(|path| any_of_path(condition, path))
        }
        Field::CommandLine => {
            if table.read_command_line(process, buffer).is_none() {
                return false;
            }
            join_arguments(buffer);
            any(buffer)
        }
        Field::User => table.read_status(process, buffer).is_some_and(|status| {
            let name = users.name(status.user, buffer);
            any(name.as_bytes())
        }),
        Field::ControlGroup => {
            table.read_control_group(process, buffer).is_some_and(|path| any_of_path(condition, path))
        }
    }
}

/// Patterns without a slash are for the name at the end of the path.
fn any_of_path(condition: &Condition, path: &[u8]) -> bool {
    let name = &path[memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1)..];
    let matches = |pattern: &Pattern| pattern.matches(if pattern.has_slash() { path } else { name });
    condition.patterns.iter().any(matches)
}

/// Puts a blank between arguments and nothing after the last.
fn join_arguments(line: &mut Vec<u8>) {
    while line.last() == Some(&0) {
        line.pop();
    }
    line.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
}
