import type { HeardLanguage } from '../../../src/core/policy.js'

/** Words that sound like a yes, begin like one or hold one. None is an answer, so none may be taken for a yes. */
export const NEAR_WORDS: Record<HeardLanguage, string[]> = {
  en: listed(`
    guess, I guess, I guess so, guess what, yesteryear, yesterday, yesterday evening, yeast, yelled,
    yell, yellow, yen, yet, yes no, no yes, yes and no, yes or no, yes but no, yes but wait, yes who is
    this, say yes, did you say yes, I said yes to him yesterday, a yes vote, chess, jazz, less, mess,
    dress, bless, stress, press, express, success, address, Jess, Bess, Tess, chest, jest, guest, best,
    west, test, rest, nest, desk, yam, yard, year, years, ears, use, us, essence, ace, X, S, F, six,
    gas, just, jester, Leslie, messy, essay, pressing, process, access, recess, possess, excess, unless,
    nevertheless, vest, Yemen, Yosemite, Ed says, she says, he guessed, they confess, finesse, largesse,
    bets, gets, let's, agreed, a degree, degrees, disagreement, he agreed, I can sense, I can send,
    incense, consensus, they consent, without consent, the green tree
  `),
  ru: listed(`
    да нет же, да не знаю, да не надо, да ну, да ну нет, да кто это, да что вы, да подождите, да или
    нет, нет да, скажите да, дай, дам, дама, дал, дала, дан, дар, дата, дача, дать, даже, дальше,
    данные, дайте, дом, дым, два, куда, туда, сюда, откуда, никуда, когда, никогда, всегда, тогда,
    иногда, вода, еда, беда, звезда, среда, руда, орда, правда, ерунда, победа, надо, рада, нога, ода,
    года, на, та, га, та-та, та та та, там, так, как, пада, дядя, дедушка, согласие, соглашение,
    согласование, согласны, вы согласны, согласна ли она, несогласие, не совсем согласен, гласность,
    опасна, прекрасно, красна, ясно, классно, колбаса, соглядатай, заглавие, я согласовал, он
    согласится, а как же, да алло, да слушаю, да говорите, да повторите, да хватит
  `),
}

/** More of them, which no net was trained on in any voice. */
export const UNTAUGHT_NEAR_WORDS: Record<HeardLanguage, string[]> = {
  en: listed(`
    yes hello, yes speaking, yes I can hear you, yes what is it, yes I know, yes maybe, he says yes, is
    that a yes, I guess not, guessing, guests, he says, who says, it says, yelp, yak, yacht, yahoo,
    yogurt, yonder, jet, jets, get, edge, deaf, death, chef, Jeff, cress, Lex, Wes, mesh, Texas, lesson,
    session, blessing, less is more, stress test, your address please, asbestos, concept, I can see, I
    contend, consensus view, decree, pedigree, a tree, I'm free, a green apple, degrees below
  `),
  ru: listed(`
    да это я, да я слушаю вас, да минуту, да а кто это, да а что, да вы ошиблись, вы сказали да, дамба,
    даром, давка, датчик, дань, дай мне, дарить, сода, кода, мода, вражда, узда, погода, народ, лампада,
    ограда, хоть куда, согласованно, согласимся, соглашусь потом, если согласен, кто согласен, гласный
  `),
}

function listed(text: string): string[] {
  return text.trim().replace(/\s+/g, ' ').split(', ')
}
