//! How a response looks: what people and critics may like or dislike beside what it says.
//!
//! These counts are nuisances: the fit may use them with either sign, so that the weights of the critics need not
//! stand in for length (AlpacaEval's length control, arXiv 2404.04475, is the same idea).

/// The number of style counts.
pub const STYLE: usize = 6;

/// What is counted, in order; `length` is in characters.
pub const STYLE_NAMES: [&str; STYLE] =
    ["length", "list items", "bold", "headers", "exclamations", "code fences"];

/// Returns the counts of `response`, in the order of [`STYLE_NAMES`].
pub fn style(response: &str) -> [f32; STYLE] {
    let (mut lists, mut headers, mut fences) = (0, 0, 0);
    for line in response.lines().map(str::trim_start) {
        lists += usize::from(is_list_item(line));
        headers += usize::from(is_header(line));
        fences += usize::from(line.starts_with("```"));
    }
    let emoji = |text: &str| text.chars().filter(|c| is_emoji(*c)).count();
    let exclamations = response.bytes().filter(|byte| *byte == b'!').count();
    let exclamations = exclamations + if response.is_ascii() { 0 } else { emoji(response) };
    let bold = response.matches("**").count() / 2;
    [response.chars().count(), lists, bold, headers, exclamations, fences / 2].map(|count| count as f32)
}

fn is_list_item(line: &str) -> bool {
    let bullet = ["- ", "* ", "+ ", "• "].iter().any(|mark| line.starts_with(mark));
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    bullet || (rest.len() < line.len() && (rest.starts_with(". ") || rest.starts_with(") ")))
}

fn is_header(line: &str) -> bool {
    let text = line.trim_start_matches('#');
    (1..=6).contains(&(line.len() - text.len())) && text.starts_with(' ')
}

fn is_emoji(c: char) -> bool {
    matches!(c as u32, 0x1F300..=0x1FAFF | 0x2600..=0x27BF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_counted() {
        let text = "# Title\n- one!\n2) two\n**bold** and **more**\n```rust\nlet x = 1;\n```\n🎉";
        assert_eq!(style(text), [text.chars().count() as f32, 2.0, 2.0, 1.0, 2.0, 1.0]);
        assert_eq!(style(""), [0.0; STYLE]);
        assert_eq!(style("#hashtag 3.5 -x")[1..4], [0.0, 0.0, 0.0]);
    }
}
