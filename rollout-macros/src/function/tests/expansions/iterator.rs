// #[span("chunking")]
// fn chunks(text: &str) -> impl Iterator<Item = &str> {
//     text.split("\n\n")
// }

fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut __rollout_call = ::rollout::__private::Prepared::new(
            const {
                &::rollout::__private::Site::new(
                    ::rollout::__private::Kind::Span("chunking"),
                    "chunks",
                )
            },
            |__rollout_opening| {},
        )
        .open();
    let __rollout_result = __rollout_call.run(move || { text.split("\n\n") });
    __rollout_call.iterate(__rollout_result, ::rollout::__private::note_item!())
}
