-- What belongs together stays on one line: a number and its sign or unit, "95 % CI" and the interval, "p < 0.001", both ends of a
-- range, "26 of 27", "week 26", the letter of a note and its first word. Names such as EASI-75 and kU/L have no break inside; Word
-- breaks at neither. The rules are those of docs/house-style.md.
local html, typst = FORMAT:match("html") ~= nil, FORMAT:match("typst") ~= nil
local NBSP = "\u{a0}"
local blank = { Space = true, SoftBreak = true }
local unit = { ["kU/L"] = true, mg = true, kg = true }
local sign = { ["="] = true, ["<"] = true, [">"] = true, ["≤"] = true, ["≥"] = true, ["≈"] = true }
local counted = { week = true, weeks = true, Week = true, Weeks = true, day = true, Day = true, CI = true }
local of_interval = { CI = true, confidence = true, interval = true, intervals = true, prediction = true, upper = true, limit = true }
local symbol = { p = true, n = true, N = true }

local function text_of(inline)
  return inline.t == "Str" and inline.text or pandoc.utils.stringify(inline)
end

local function number_ends(text)
  return text:match("%d%)?$") or text:match("%%$")
end

local function number_begins(text)
  return text:match("^%(?%d") or text:match("^%(?\u{2212}%d")
end

-- A short word without what stands before it, such as a bracket.
local function word(text)
  return #text < 8 and text:match("%a+$") or ""
end

-- Whether the blank between two words must not break a line.
local function bound(left, right)
  if left:match("%d$") then
    return right:match("^%%") or unit[right:match("^[%a/]+") or ""]
  end
  if left:match("%%$") then return of_interval[right:match("^%a+") or ""] end
  if counted[word(left)] or sign[left] then return number_begins(right) end
  return symbol[word(left)] and sign[right]
end

-- Whether both blanks around a word must not: "8 to 18", "26 of 27".
local function between(left, middle, right)
  return (middle == "to" or middle == "of") and number_ends(left) and number_begins(right)
end

local function is_letter_of_note(inlines, place)
  local mark, before = inlines[place], inlines[place - 1]
  return mark.t == "Superscript" and #text_of(mark) == 1 and (before == nil or blank[before.t])
end

-- Most words bind to nothing, so the one after them need not be looked at.
local function may_bind(text)
  local short = word(text)
  return text:match("[%d%%)]$") or counted[short] or symbol[short] or sign[text]
end

local function joined(inlines)
  local changed = false
  local function bind(place)
    inlines[place] = pandoc.Str(NBSP)
    changed = true
  end
  for place = 2, #inlines - 1 do
    if blank[inlines[place].t] then
      local left = text_of(inlines[place - 1])
      if is_letter_of_note(inlines, place - 1) then
        bind(place)
      elseif may_bind(left) then
        local right = text_of(inlines[place + 1])
        if bound(left, right) then
          bind(place)
        elseif inlines[place + 3] and blank[inlines[place + 2].t] and between(left, right, text_of(inlines[place + 3])) then
          bind(place)
          bind(place + 2)
        end
      end
    end
  end
  return changed and inlines or nil
end

-- Typst and browsers break after a hyphen, a dash and a slash.
local function name(text)
  local whole = text.text
  if not (whole:match("^%W?%u+%-%d") or whole:match("%d–%d") or whole:match("kU/L")) then return nil end
  if html then return pandoc.Span(text, pandoc.Attr("", { "unbroken" })) end
  return { pandoc.RawInline("typst", "#box["), text, pandoc.RawInline("typst", "]") }
end

local function names(block)
  return block:walk({ Str = name })
end

return {
  { Inlines = joined },
  (html or typst) and { Para = names, Plain = names } or {},
}
