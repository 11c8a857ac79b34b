//! Methods that read attention against their papers in PyTorch, on a ViT and a DINOv2.

use igoscope::{
    explain::{
        ATTENTION_ROLLOUT, Control, Explanation, LE_GRAD, Method, Nothing, Parameters, Subject, attention_rollout,
    },
    model::{Score, Target},
};

use crate::common::{
    input, model,
    peers::{Numbers, hosted, zoo},
    relative_difference,
};

fn explained(method: &'static Method, subject: &Subject<'_>) -> Explanation {
    method.explain(subject, &Parameters::default(), &Control::default(), &mut |_| {}).unwrap()
}

#[test]
fn maps_are_the_papers() {
    let numbers = Numbers::open("attention");
    let mut wrong = Vec::new();
    for name in ["vit_tiny_patch16_224", "dinov2_vits14"] {
        let (classifier, input) = hosted(name);
        let target = Target { score: Score::Logit, class: numbers.number(&format!("{name}.class")), against: None };
        let subject = Subject { classifier, input: &input, target };
        for (map, method) in [("rollout", &ATTENTION_ROLLOUT), ("le_grad", &LE_GRAD)] {
            let explanation = explained(method, &subject);
            assert_eq!(explanation.nothing, None);
            assert_eq!(explanation.notes, [("blocks", "12".to_owned())]);
            let difference = relative_difference(&explanation.saliency.values, &numbers.get(&format!("{name}.{map}")));
            println!("{name} {map}: {difference:.1e}");
            if difference.is_nan() || difference >= 1e-3 {
                wrong.push(format!("{name} {map}: {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn networks_without_attention_are_refused_with_a_reason() {
    let input = input("coffee");
    let subject = Subject { classifier: model(), input: &input, target: Target::probability(967) };
    for method in [&ATTENTION_ROLLOUT, &LE_GRAD] {
        let refused = explained(method, &subject);
        assert_eq!(refused.nothing, Some(Nothing::Refused));
        assert!(refused.refused().unwrap().contains("transformer"), "{:?}", refused.refused());
    }
    // A transformer on Candle's tensors keeps no attention.
    let (network, input) = zoo("vit_tiny_patch16_224");
    let reference = network.reference().unwrap();
    let subject = Subject { classifier: reference.as_ref(), input: &input, target: Target::probability(1) };
    assert_eq!(attention_rollout(&subject, &Control::default()).unwrap().nothing, Some(Nothing::Refused));
}

#[test]
fn rollout_is_the_same_for_every_class_and_le_grad_is_not() {
    let (classifier, input) = hosted("dinov2_vits14");
    let of = |method, class| {
        let target = Target { score: Score::Logit, class, against: None };
        explained(method, &Subject { classifier, input: &input, target }).saliency
    };
    assert_eq!(of(&ATTENTION_ROLLOUT, 1), of(&ATTENTION_ROLLOUT, 2));
    assert_ne!(of(&LE_GRAD, 1), of(&LE_GRAD, 2));
}
