//! Names and values that are like a text.

use super::*;

#[test]
fn names_and_values_are_searched_and_told_in_lines() {
    let api = filled();
    for (path, query, expected) in [
        (
            "metric_names",
            "",
            "{\"results\":[{\"name\":\"up\"}]}\n{\"status\":\"success\",\"has_more\":false}\n",
        ),
        (
            "label_names",
            "batch_size=1",
            "{\"results\":[{\"name\":\"__name__\"}]}\n{\"results\":[{\"name\":\"job\"}]}\n{\"status\":\"success\",\"has_more\":false}\n",
        ),
        (
            "label_values",
            "label=job&limit=1&sort_by=alpha&sort_dir=dsc",
            "{\"results\":[{\"name\":\"b\",\"value\":\"b\"}]}\n{\"status\":\"success\",\"has_more\":true}\n",
        ),
        (
            "label_values",
            "label=job&match[]=up{job%3D\"a\"}&search[]=A&case_sensitive=false&sort_by=score&include_score=true",
            "{\"results\":[{\"name\":\"a\",\"value\":\"a\",\"score\":1.0}]}\n{\"status\":\"success\",\"has_more\":false}\n",
        ),
        ("metric_names", "search[]=zz", "{\"results\":[]}\n{\"status\":\"success\",\"has_more\":false}\n"),
        ("metric_names", "end=10", "{\"results\":[]}\n{\"status\":\"success\",\"has_more\":false}\n"),
    ] {
        let (status, text) = get_text(&api, &format!("/api/v1/search/{path}"), query);
        assert_eq!((status, text.as_str()), (200, expected), "{path} {query}");
    }
    for (query, part) in [
        ("", "\"label\""),
        ("label=a&limit=x", "\"limit\""),
        ("label=a&fuzz_threshold=101", "0-100"),
        ("label=a&fuzz_alg=x", "jarowinkler"),
        ("label=a&sort_by=score", "search[]"),
        ("label=a&sort_dir=asc", "sort_by"),
        ("label=a&case_sensitive=maybe", "boolean"),
        ("label=a&match[]=(", "match[]"),
    ] {
        let (status, answer) = get(&api, "/api/v1/search/label_values", query);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(part), "{query}: {status} {answer}");
    }
}
