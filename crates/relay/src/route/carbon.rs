//! Carbon's own files, as they are: `relay-rules.conf`, `rewrite-rules.conf`, `aggregation-rules.conf` and the lists of
//! names to refuse or to take. Each becomes rules; an error names the line.

use super::{Effect, Pattern, Rewrite, Rule};
use crate::aggregate::{Aggregation, How, Naming};

fn rule(pattern: Option<Pattern>, effect: Effect) -> Rule {
    Rule { matchers: Vec::new(), pattern, effect }
}

/// Lines with their numbers, without comments and blanks around them.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let plain = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    plain.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// Both sections of `rewrite-rules.conf`: what is rewritten before aggregation and what after. Lines before the first
/// section are of none, as in carbon.
///
/// # Errors
/// At the first line that is no rule.
pub fn rewrites(text: &str) -> Result<(Vec<Rule>, Vec<Rule>), String> {
    let (mut pre, mut post, mut section) = (Vec::new(), Vec::new(), "");
    for (number, line) in lines(text) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = match name.to_ascii_lowercase().as_str() {
                "pre" => "pre",
                "post" => "post",
                _ => {
                    return Err(format!(
                        "line {number}: there is no section `{name}`, only [pre] and [post]"
                    ));
                }
            };
            continue;
        }
        let (find, replace) =
            line.split_once('=').ok_or(format!("line {number}: not `expression = replacement`"))?;
        let rewrite =
            Rewrite::new(find.trim(), replace.trim()).map_err(|why| format!("line {number}: {why}"))?;
        match section {
            "pre" => pre.push(rule(None, Effect::Rewrite(rewrite))),
            "post" => post.push(rule(None, Effect::Rewrite(rewrite))),
            _ => return Err(format!("line {number}: a rule before [pre] or [post]")),
        }
    }
    Ok((pre, post))
}

/// `aggregation-rules.conf`. All rules that match make their series; what matched any of them goes on only with
/// `forward_all`. (With carbon, what matched none goes on only then, too; that loses what nobody wrote a rule for, and
/// is not imitated.)
///
/// # Errors
/// At the first line that is no rule.
pub fn aggregations(text: &str, forward_all: bool) -> Result<Vec<Rule>, String> {
    let mut all = Vec::new();
    for (number, line) in lines(text) {
        all.push(aggregation(line).map_err(|why| format!("line {number}: {why}"))?);
    }
    let count = all.len();
    let mut rules = Vec::new();
    for (at, made) in all.iter().enumerate() {
        // Neither the rules that follow nor the one that ends the samples see what is made.
        let made = Aggregation { skips: (count - at) as u32 - u32::from(forward_all), ..made.clone() };
        rules.push(rule(None, Effect::Aggregate(made)));
    }
    let inputs = all.iter().filter_map(|made| match &made.naming {
        Naming::Pattern { input, .. } => Some(strip_names(input.as_str())),
        _ => None,
    });
    let any: Vec<String> = inputs.collect();
    if !forward_all && count > 0 {
        rules.push(rule(Some(Pattern::regex(&any.join("|"))?), Effect::Drop));
    }
    Ok(rules)
}

/// An expression whose groups have no names, so that several may stand beside each other.
fn strip_names(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("(?P<") {
        out.push_str(before);
        out.push_str("(?:");
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// `output (seconds) = method input`
fn aggregation(line: &str) -> Result<Aggregation, String> {
    let wrong = || "not `output (seconds) = method pattern`".to_owned();
    let (left, right) = line.split_once('=').ok_or_else(wrong)?;
    let (output, seconds) = left.trim().split_once('(').ok_or_else(wrong)?;
    let seconds = seconds.trim().strip_suffix(')').ok_or_else(wrong)?.trim();
    let every_s: i64 = seconds.parse().map_err(|_| format!("`{seconds}` is no number of seconds"))?;
    if every_s <= 0 {
        return Err("an interval of no seconds".to_owned());
    }
    let (method, input) = right.trim().split_once(char::is_whitespace).ok_or_else(wrong)?;
    Ok(Aggregation {
        naming: Naming::carbon(input.trim(), output.trim())?,
        every_ms: every_s * 1000,
        how: How::parse(method)?,
        delay_ms: 0,
        keeps: true,
        skips: 0,
    })
}

/// `relay-rules.conf`: sections with a `pattern` and `destinations`, one of them the default. `output` gives the name of
/// the output for a destination such as `10.0.0.1:2004:a`.
///
/// # Errors
/// At the first section that is none, or when there is not one default.
pub fn relays(text: &str, output: impl Fn(&str) -> Option<String>) -> Result<Vec<Rule>, String> {
    let mut sections: Vec<Section> = Vec::new();
    for (number, line) in lines(text).filter(|(_, line)| !line.starts_with(';')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push(Section { name: name.to_owned(), ..Section::default() });
            continue;
        }
        let section = sections.last_mut().ok_or(format!("line {number}: a key before the first section"))?;
        let (key, value) = line.split_once(['=', ':']).ok_or(format!("line {number}: not `key = value`"))?;
        section.set(key.trim(), value.trim()).map_err(|why| format!("line {number}: {why}"))?;
    }
    let defaults = sections.iter().filter(|section| section.is_default).count();
    if defaults != 1 {
        return Err(format!("one section is to have `default = true`, and {defaults} have"));
    }
    // The default is what is left, wherever it stands.
    sections.sort_by_key(|section| section.is_default);
    sections.into_iter().map(|section| section.rule(&output)).collect()
}

#[derive(Default)]
struct Section {
    name: String,
    pattern: String,
    destinations: Vec<String>,
    is_default: bool,
    goes_on: bool,
}

impl Section {
    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let is_true = || match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(format!("`{value}` is neither true nor false")),
        };
        match key.to_ascii_lowercase().as_str() {
            "pattern" => value.clone_into(&mut self.pattern),
            "destinations" | "servers" => {
                self.destinations = value.split(',').map(|text| text.trim().to_owned()).collect();
            }
            "default" => self.is_default = is_true()?,
            "continue" => self.goes_on = is_true()?,
            _ => return Err(format!("there is no key `{key}`")),
        }
        Ok(())
    }

    fn rule(self, output: &impl Fn(&str) -> Option<String>) -> Result<Rule, String> {
        let within = |why: String| format!("[{}]: {why}", self.name);
        let pattern = match (self.pattern.as_str(), self.is_default) {
            ("", true) => None,
            ("", false) => return Err(within("it has no pattern".to_owned())),
            (_, true) => return Err(within("a default has no pattern".to_owned())),
            (text, false) => Some(Pattern::regex_any_case(text).map_err(within)?),
        };
        let to = self.destinations.iter().map(|name| {
            output(name)
                .ok_or_else(|| within(format!("there is no output for `{name}`: add [[output]] with it")))
        });
        let to = to.collect::<Result<Vec<_>, _>>()?;
        Ok(rule(pattern, Effect::Send { to, stop: !self.goes_on }))
    }
}

/// `blacklist.conf`: names in which any of its expressions is found are refused.
///
/// # Errors
/// At the first line that is no expression.
pub fn blacklist(text: &str) -> Result<Vec<Rule>, String> {
    Ok(any_of(text)?.map(|pattern| rule(Some(pattern), Effect::Drop)).into_iter().collect())
}

/// `whitelist.conf`: only names in which any of its expressions is found are taken; all, when it is empty.
///
/// # Errors
/// At the first line that is no expression.
pub fn whitelist(text: &str) -> Result<Vec<Rule>, String> {
    Ok(any_of(text)?.map(|pattern| rule(Some(pattern), Effect::Keep)).into_iter().collect())
}

fn any_of(text: &str) -> Result<Option<Pattern>, String> {
    let mut all = Vec::new();
    for (number, line) in lines(text) {
        Pattern::regex(line).map_err(|why| format!("line {number}: {why}"))?;
        all.push(format!("(?:{line})"));
    }
    if all.is_empty() { Ok(None) } else { Pattern::regex(&all.join("|")).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::Scope;
    use crate::route::{Fate, Routes};
    use model::Labels;

    /// Where a name goes: `output:name`, or `rule=name` where it is aggregated.
    fn walk(rules: &[Rule], name: &str, scope: &Scope) -> Vec<String> {
        let routes = Routes { rules: rules.to_vec(), rest: vec!["rest".to_owned()], ..Routes::default() };
        let mut seen = Vec::new();
        routes.walk(&Labels::from_pairs([("__name__", name)]).unwrap(), scope, &mut |fate| match fate {
            Fate::Send(to, labels) => seen.push(format!("{to}:{labels}")),
            Fate::Aggregate(rule, made, labels) => {
                seen.extend(made.naming.name(labels).map(|made| format!("{rule}={made}")));
            }
        });
        seen
    }

    #[test]
    fn rewrites_hold_in_their_sections_and_all_of_them() {
        let (pre, post) = rewrites("# c\n[pre]\n^a\\. = b.\n^b\\.(x) = c.\\1\n[post]\n_sum$ =\n").unwrap();
        assert_eq!(walk(&pre, "a.x", &Scope::All), ["rest:c.x"]);
        assert_eq!(walk(&post, "a.x_sum", &Scope::All), ["rest:a.x"]);
        assert!(rewrites("[pre]\n(=x\n").is_err_and(|why| why.starts_with("line 2: `(`")));
        assert!(rewrites("[mid]\n").is_err() && rewrites("a = b\n").is_err());
    }

    #[test]
    fn every_aggregation_that_matches_fires_and_what_is_made_is_not_made_again() {
        let text = "all.<app>.req (60) = sum <env>.<app>.req\nmax.<app> (10) = max <env>.<app>.req\n";
        let rules = aggregations(text, false).unwrap();
        assert_eq!(walk(&rules, "p.web.req", &Scope::All), ["0=all.web.req", "1=max.web"]);
        assert_eq!(walk(&rules, "p.web.other", &Scope::All), ["rest:p.web.other"]);
        for rule in 0..2u32 {
            let Effect::Aggregate(made) = &rules[rule as usize].effect else { panic!("no aggregation") };
            let scope = Scope::After(rule + made.skips);
            assert_eq!(walk(&rules, "all.web.req", &scope), ["rest:all.web.req"]);
        }
        let rules = aggregations(text, true).unwrap();
        assert_eq!(walk(&rules, "p.web.req", &Scope::All), ["0=all.web.req", "1=max.web", "rest:p.web.req"]);
        assert_eq!(walk(&rules, "all.web.req", &Scope::After(1)), ["rest:all.web.req"]);
        for wrong in [
            "a = sum b",
            "a (x) = sum b",
            "a (0) = sum b",
            "a (1) = mean b",
            "<x> (1) = sum b",
            "a (1) = sum",
        ] {
            assert!(aggregations(wrong, false).is_err_and(|why| why.starts_with("line 1: ")), "{wrong}");
        }
    }

    #[test]
    fn relay_rules_end_or_go_on_and_the_default_takes_the_rest() {
        let text = "[default]\ndefault = true\ndestinations = h:1:a\n\
                    [cpu]\npattern = \\.CPU\\.\ndestinations = h:1:a, h:2:b\n\
                    [all]\npattern = ^x\ndestinations = h:2:b\ncontinue = true\n";
        let output = |text: &str| text.rsplit(':').next().map(str::to_owned);
        let rules = relays(text, output).unwrap();
        assert_eq!(walk(&rules, "s.cpu.u", &Scope::All), ["a:s.cpu.u", "b:s.cpu.u"]);
        assert_eq!(walk(&rules, "x.y", &Scope::All), ["b:x.y", "a:x.y"]);
        assert_eq!(walk(&rules, "z", &Scope::All), ["a:z"]);
        assert!(relays(text, |_| None).is_err_and(|why| why.contains("[cpu]: there is no output")));
        assert!(relays("[a]\npattern=x\ndestinations=h:1:a\n", output).is_err());
        assert!(relays("[a]\npattern=x\ndefault=true\ndestinations=h:1:a\n", output).is_err());
    }

    #[test]
    fn lists_refuse_and_take() {
        let black = blacklist("# c\nsecret\n^x\\.\n").unwrap();
        assert_eq!(walk(&black, "a.secret.b", &Scope::All), Vec::<String>::new());
        assert_eq!(walk(&black, "a.x.b", &Scope::All), ["rest:a.x.b"]);
        let white = whitelist("^good\n").unwrap();
        assert_eq!(walk(&white, "good.a", &Scope::All), ["rest:good.a"]);
        assert_eq!(walk(&white, "bad.good", &Scope::All), Vec::<String>::new());
        assert!(whitelist("").unwrap().is_empty() && blacklist("(\n").is_err());
    }
}
