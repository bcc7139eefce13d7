//! Top-level domains that people have mail in.

/// Those of more than two letters; every pair of letters is one, too. Names that code has methods and files of, such as
/// `map`, are left out.
const LONG: &str = "\
academy aero agency app art asia bank bio biz blog business cafe care careers cat center chat church \
city clinic cloud club codes college com community company consulting coop corp dental design dev \
digital doctor edu education email energy engineering events example expert family farm finance \
foundation fund games global gov group guru health help host house icu inc info institute int \
internal international invalid jobs lan law legal life live llc local love ltd mail market media mil \
mobi moe money museum name net network news ngo online org page partners party photo photography \
plus post press pro realtor rocks run school science services shop singles site social software \
solutions space store studio sucks support systems team tech technology tel test tips today tools \
top town trade training travel university ventures video vip watch website wiki win work works world \
xyz yoga zone";

/// Tells whether people have mail in the domain `top`, in any case.
pub(crate) fn is_known(top: &str) -> bool {
    let country = top.len() == 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    let international = top.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    country || international || LONG.split(' ').any(|known| known.eq_ignore_ascii_case(top))
}
