// #[trace]
// fn import(rows: usize) {
//     load(rows);
// }

fn import(rows: usize) {
    let mut __rollout_call = ::rollout::__private::Prepared::new(
            const {
                &::rollout::__private::Site::new(
                    ::rollout::__private::Kind::Trace,
                    "import",
                )
            },
            |__rollout_opening| {},
        )
        .open();
    let __rollout_result = __rollout_call
        .run(move || -> () {
            load(rows);
        });
    ::rollout::__private::outcome!(__rollout_call, & __rollout_result);
    __rollout_call.end();
    __rollout_result
}
